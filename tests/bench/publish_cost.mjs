// What Redis spends on batches, published as servers publish them: a room's one after the other, with a
// history that is kept and trimmed, and servers that get each. Several rooms go on at once: a Redis
// that is woken for every call alone pays for the waking.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { root } from './measured.mjs';
import { loadCore, serverCore, withServices } from './processes.mjs';

/** Of the servers' --history-messages. */
const historyMessages = 200;
const textBytes = 60;
const rooms = 8;
/** A server renews a room's lifetimes once a minute, so hardly any of these batches would. */
const renewsNothing = '0';

/**
 * Messages in each batch; whether they come with the header that is expected, as from the only server
 * that speaks; servers that get them.
 * @typedef {{ batch: number; alone: boolean; servers: number }} Work
 */

/**
 * A script as the servers send it.
 * @param {readonly string[]} parts by their names in src/server/scripts.cc
 */
export function serversScript(...parts) {
  const source = readFileSync(join(root, 'src/server/scripts.cc'), 'utf8');
  return parts
    .map((name) => {
      const text = new RegExp(`${name} = R"\\((.*?)\\)";`, 's').exec(source)?.[1];
      if (text === undefined) throw new Error(`src/server/scripts.cc has lost ${name}`);
      return text;
    })
    .join('');
}

/**
 * @param {string} socket
 * @param {readonly string[]} args
 */
export function redisCli(socket, ...args) {
  // Enough for a room's whole history.
  const options = { encoding: 'utf8', maxBuffer: 64 * 2 ** 20 };
  return execFileSync('redis-cli', ['-s', socket, ...args], options).trim();
}

/** @param {string} socket */
function cpuSeconds(socket) {
  const info = redisCli(socket, 'INFO', 'cpu');
  const read = (/** @type {string} */ name) =>
    Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);
  return read('used_cpu_user') + read('used_cpu_sys');
}

/** @param {readonly string[]} words */
function command(words) {
  return `*${words.length}\r\n${words.map((w) => `$${Buffer.byteLength(w)}\r\n${w}\r\n`).join('')}`;
}

/** One connection, one command at a time. */
class Caller {
  /** @param {string} socket */
  constructor(socket) {
    this.connection = connect(socket);
    this.answer = '';
    /** @type {((answer: string) => void) | undefined} */
    this.resolve = undefined;
    this.connection.setEncoding('latin1');
    this.connection.on('data', (/** @type {string} */ text) => {
      this.answer += text;
      if (!this.answer.endsWith('\r\n')) return;
      this.resolve?.(this.answer);
      this.answer = '';
    });
  }

  /**
   * An answer is one of few short lines here, and so comes at once.
   * @param {string} text
   * @returns {Promise<string>}
   */
  call(text) {
    return new Promise((resolve) => {
      this.resolve = resolve;
      this.connection.write(text);
    });
  }
}

/**
 * @param {string} socket
 * @param {number} servers that get each batch
 */
async function subscribe(socket, servers) {
  const subscribers = Array.from({ length: servers }, () => new Caller(socket));
  for (const subscriber of subscribers) {
    for (let room = 0; room < rooms; room += 1) {
      await subscriber.call(command(['SUBSCRIBE', `room:{${room}}`]));
    }
  }
  return subscribers;
}

/**
 * The entry that holds the oldest message that is to be kept, when so many have been logged.
 * @param {number} logged
 * @param {number} batch messages in each entry
 */
function trimId(logged, batch) {
  const oldest = logged - historyMessages + 1;
  return oldest < 1 ? 0 : Math.floor((oldest - 1) / batch) * batch + 1;
}

/** A room's publisher. */
class Publisher {
  /**
   * @param {string} socket
   * @param {number} room
   * @param {{ sha: string; batch: number; alone: boolean }} work
   */
  constructor(socket, room, { sha, batch, alone }) {
    this.caller = new Caller(socket);
    this.batch = batch;
    this.alone = alone;
    this.number = 0;
    this.channel = `room:{${room}}`;
    this.head = ['EVALSHA', sha, '2', `${this.channel}:meta`, `${this.channel}:log`, 'run'];
    const line = `{"id":"abcdefghijkl","ts":1795000000000,"message":"${'x'.repeat(textBytes)}"}`;
    this.lines = Array.from({ length: batch }, () => line).join('\n');
  }

  /** @param {number} batches */
  async publish(batches) {
    const { batch, alone, caller, channel, head, lines } = this;
    const server = '3f0a5a52-6a0e-4a5e-8c61-0d5b3c6f2a10';
    for (let i = 0; i < batches; i += 1, this.number += 1) {
      const logged = this.number * batch;
      const settle = [this.number === 0 ? '' : 'epoch', String(logged), 'epoch', '86400'];
      const said = [channel, server, String(this.number + 1), String(batch)];
      const expected = alone
        ? `v1 epoch ${logged + 1} ${batch} ${server} ${this.number + 1}\n`
        : '';
      const kept = [String(trimId(logged, batch)), '600000', renewsNothing, expected + lines];
      const answer = await caller.call(command([...head, ...settle, ...said, ...kept]));
      if (!answer.includes(`\r\n${logged + 1}\r\n`)) throw new Error(`Redis answered ${answer}`);
    }
  }
}

/**
 * @param {Work & { socket: string; sha: string; batches: number }} work
 * @returns {Promise<number>} microseconds of Redis a batch
 */
async function costOfBatches({ socket, sha, batch, alone, batches, servers }) {
  redisCli(socket, 'FLUSHALL');
  const subscribers = await subscribe(socket, servers);
  const publishers = Array.from(
    { length: rooms },
    (_, room) => new Publisher(socket, room, { sha, batch, alone }),
  );
  const each = Math.ceil(batches / rooms);
  const warmUp = Math.ceil(historyMessages / batch) + 20;
  await Promise.all(publishers.map((publisher) => publisher.publish(warmUp)));
  const before = cpuSeconds(socket);
  await Promise.all(publishers.map((publisher) => publisher.publish(each)));
  const spent = cpuSeconds(socket) - before;
  const callers = publishers.map(({ caller }) => caller);
  for (const { connection } of [...callers, ...subscribers]) connection.destroy();
  return (spent / (each * rooms)) * 1e6;
}

/** @param {readonly number[]} numbers */
function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}

/**
 * @param {{ work: readonly Work[]; batches: number; passes: number }} plan
 * @returns {Promise<import('./tables.mjs').PublishCost[]>}
 */
export async function measurePublishCost({ work, batches, passes }) {
  // Redis has the core that is else a server's: this process keeps it busy from the other one.
  const redisCore = serverCore === loadCore ? loadCore : serverCore;
  return withServices(
    [],
    async (_, { socket }) => {
      const sha = redisCli(socket, 'SCRIPT', 'LOAD', serversScript('kSettle', 'kPublish'));
      /** @type {number[][]} */
      const costs = work.map(() => []);
      // One kind after the other in each pass: what else the machine does meanwhile hits all kinds.
      for (let pass = 0; pass < passes; pass += 1) {
        for (const [i, one] of work.entries()) {
          costs[i]?.push(await costOfBatches({ ...one, socket, sha, batches }));
        }
      }
      return work.map((one, i) => {
        const us = median(costs[i] ?? []);
        return { ...one, us_per_batch: us, us_per_message: us / one.batch };
      });
    },
    { redisCore },
  );
}
