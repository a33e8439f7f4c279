// Bytes on the wire of a hot room in each form, for texts and ids as people and clients write them:
// part of `./dev bench`.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { root } from './measured.mjs';

const batchProtocol = 'spillway.batch.v1';
const crowd = 60; // else it would be too few viewers to be worth compressing for
const everyMs = 5;

/**
 * @typedef {{ form: string; bytes: number; messages: number; arrays: number }} WireResult
 */

/**
 * A viewer in the room that counts the bytes of its TCP stream and the messages in them.
 * @param {string} url
 * @param {string} form
 */
async function watch(url, form) {
  const protocols = form === 'plain' ? [] : [batchProtocol];
  const { hostname, port } = new URL(url);
  const stream = connect({ host: hostname, port: Number(port), noDelay: true });
  const socket = new WebSocket(url, protocols, {
    perMessageDeflate: form === 'deflated',
    createConnection: () => stream,
  });
  const seen = { form, bytes: 0, messages: 0, arrays: 0 };
  await new Promise((done, failed) => {
    socket.on('error', failed);
    socket.on('message', (data) => {
      const value = JSON.parse(String(data));
      const chats = [value].flat().filter(({ type }) => type === 'chat').length;
      seen.messages += chats;
      if (chats > 0) seen.arrays += 1;
      if ([value].flat().some(({ type }) => type === 'registered')) done(undefined);
    });
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'register', payload: { chatId: 'hot' } }));
    });
  });
  const before = stream.bytesRead;
  return {
    socket,
    /** @returns {WireResult} */
    result: () => ({ ...seen, bytes: stream.bytesRead - before }),
  };
}

/** An id as clients make them: short, and no two the same. */
const newId = () => Math.random().toString(36).slice(2, 12);

/**
 * @param {string} url of a server without a rate limit
 * @param {{ perSecond: number; seconds: number }} how
 * @returns {Promise<WireResult[]>} of the plain, the coalesced and the deflated form
 */
export async function measureWire(url, { perSecond, seconds }) {
  const lines = readFileSync(join(root, 'tests/bench/corpus/chat.txt'), 'utf8').trim().split('\n');
  const watchers = [];
  for (const form of ['plain', 'coalesced', 'deflated']) watchers.push(await watch(url, form));
  const others = [];
  for (let i = 0; i < crowd; i += 1) {
    const other = await watch(url, 'coalesced');
    other.socket.removeAllListeners('message'); // nobody counts what it reads
    others.push(other);
  }
  const total = perSecond * seconds;
  const begin = performance.now();
  for (let said = 0; said < total;) {
    const due = Math.min(total, ((performance.now() - begin) / 1000) * perSecond);
    for (; said < due; said += 1) {
      const message = lines[Math.floor(Math.random() * lines.length)];
      const data = { name: `viewer${Math.floor(Math.random() * 500)}` };
      const payload = { message, id: newId(), data };
      others[said % crowd]?.socket.send(JSON.stringify({ type: 'chat', payload }));
    }
    await delay(everyMs);
  }
  const limit = performance.now() + 10_000;
  while (watchers.some(({ result }) => result().messages < total)) {
    if (performance.now() > limit) throw new Error('not all of it arrived within 10 s');
    await delay(everyMs);
  }
  const results = watchers.map(({ result }) => result());
  for (const { socket } of [...watchers, ...others]) socket.terminate();
  return results;
}
