// What Redis spends on batches, published as servers publish them: a room's one after the other, with a
// history that is kept and cut, those of a server's rooms over one connection, and servers that get
// each. Several rooms go on at once: a Redis that is woken for every call alone pays for the waking.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { root } from './measured.mjs';
import { loadCore, serverCore, withServices } from './processes.mjs';

/** Of the servers' --history-messages. */
const historyMessages = 200;
const textBytes = 60;
const rooms = 8;
const talkingServers = 2;
/** A server renews a room's lifetimes every ten seconds, so hardly any of these batches would. */
const renewsNothing = '0';
/** Of their usual lengths. */
const runId = '5f1dca0c67a5ff6ebd18ea9ca2e1e4a7a4f2d8b1';
const epoch = 'mTq3Zr8LwYxA';

/** With the same arguments, to tell how fast the machine is while this is measured. */
const onlyAnswers = `return {ARGV[4], string.format('%.0f', ARGV[3] + 1)}`;

/**
 * Messages in each batch; whether they come with the header that is expected, as from the only server
 * that speaks; servers that get them; whether nothing is made of them, only answered.
 * @typedef {{ batch: number; alone: boolean; servers: number; bare?: boolean }} Work
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

/** @param {string} socket */
async function connectTo(socket) {
  const client = createClient({ RESP: 2, socket: { path: socket, tls: false } });
  client.on('error', () => {}); // commands still reject
  await client.connect();
  return client;
}

/** @typedef {Awaited<ReturnType<typeof connectTo>>} Client */

const channel = (/** @type {number} */ room) => `room:{${room}}`;
const allRooms = Array.from({ length: rooms }, (_, room) => room);

/**
 * A server that gets all batches.
 * @param {string} socket
 */
async function subscribe(socket) {
  const subscriber = connect(socket);
  subscriber.write(`SUBSCRIBE ${allRooms.map(channel).join(' ')}\r\n`);
  await once(subscriber, 'data');
  return subscriber.resume();
}

/** @param {string} socket */
function subscribers(socket) {
  return Number(redisCli(socket, 'PUBSUB', 'NUMSUB', channel(0)).split('\n')[1]);
}

/** A room's publisher. */
class Publisher {
  /**
   * @param {Client} client of a server, which has other rooms too
   * @param {number} room
   * @param {Work & { sha: string }} work
   */
  constructor(client, room, { sha, batch, alone }) {
    this.client = client;
    this.sha = sha;
    this.batch = batch;
    this.alone = alone;
    this.number = 0;
    this.cutAt = 0;
    this.channel = channel(room);
    this.keys = [`${this.channel}:meta`, `${this.channel}:log`];
    const line = `{"id":"abcdefghijkl","ts":1795000000000,"message":"${'x'.repeat(textBytes)}"}`;
    this.lines = Array.from({ length: batch }, () => line).join('\n');
  }

  /**
   * The entry that holds the oldest message that is to be kept, when so many have been logged; 0
   * while there is too little before it.
   * @param {number} logged
   */
  cut(logged) {
    const oldest = logged - historyMessages + 1;
    const id = oldest < 1 ? 0 : Math.floor((oldest - 1) / this.batch) * this.batch + 1;
    if (id - this.cutAt < historyMessages / 16) return 0;
    this.cutAt = id;
    return id;
  }

  /** @param {number} batches */
  async publish(batches) {
    const { batch, alone, lines } = this;
    const server = '3f0a5a52-6a0e-4a5e-8c61-0d5b3c6f2a10';
    for (let i = 0; i < batches; i += 1, this.number += 1) {
      const logged = this.number * batch;
      const settle = [runId, this.number === 0 ? '' : epoch, String(logged), epoch, '86400'];
      const said = [this.channel, server, String(this.number + 1), String(batch)];
      const expected = alone
        ? `v1 ${epoch} ${logged + 1} ${batch} ${server} ${this.number + 1}\n`
        : '';
      const kept = [String(this.cut(logged)), '600000', renewsNothing, expected + lines];
      const args = [...settle, ...said, ...kept];
      const answer = await this.client.evalSha(this.sha, { keys: this.keys, arguments: args });
      if (String(answer) !== `${epoch},${logged + 1}`) throw new Error(`Redis answered ${answer}`);
    }
  }
}

/**
 * @param {Work & { socket: string; sha: string; batches: number }} work
 * @returns {Promise<number>} microseconds of Redis a batch
 */
async function costOfBatches({ socket, batches, ...work }) {
  redisCli(socket, 'FLUSHALL');
  const [getting, talking] = await Promise.all([
    Promise.all(Array.from({ length: work.servers }, () => subscribe(socket))),
    Promise.all(Array.from({ length: talkingServers }, () => connectTo(socket))),
  ]);
  const publishers = allRooms.map((room) => {
    const client = talking[room % talkingServers];
    if (client === undefined) throw new Error();
    return new Publisher(client, room, work);
  });
  const each = Math.ceil(batches / rooms);
  const warmUp = Math.ceil(historyMessages / work.batch) + 20;
  await Promise.all(publishers.map((publisher) => publisher.publish(warmUp)));
  const before = cpuSeconds(socket);
  await Promise.all(publishers.map((publisher) => publisher.publish(each)));
  const spent = cpuSeconds(socket) - before;
  const left = subscribers(socket);
  if (left !== work.servers) throw new Error(`${work.servers} subscribers, Redis has ${left}`);
  for (const connection of [...getting, ...talking]) connection.destroy();
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
      // Redis closes who reads the largest batches more slowly than it has them, which would make the
      // rest cheaper.
      redisCli(socket, 'CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 0 0 0');
      const load = (/** @type {string} */ script) => redisCli(socket, 'SCRIPT', 'LOAD', script);
      const [publish, bare] = [load(serversScript('kSettle', 'kPublish')), load(onlyAnswers)];
      /** @type {number[][]} */
      const costs = work.map(() => []);
      // One kind after the other in each pass: what else the machine does meanwhile hits all kinds.
      for (let pass = 0; pass < passes; pass += 1) {
        for (const [i, one] of work.entries()) {
          const sha = one.bare === true ? bare : publish;
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
