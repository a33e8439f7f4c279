// A fleet that is there only in Redis: what servers and rooms would write about themselves, once a
// second.
import { createClient } from '@redis/client';
import { randomUUID } from 'node:crypto';

/** @typedef {{ id: string; rooms: string[]; viewers: number; deliveries: number }} FakeServer */

/** @param {number} room */
const roomName = (room) => `chat-room-${room}`;

/** Numbers that change each second, as those of a busy fleet do. */
const random = (/** @type {number} */ below) => Math.floor(Math.random() * below);

/**
 * @param {{ socket: string; servers: number; rooms: number }} options
 * @returns {Promise<{ stop: () => Promise<void> }>}
 */
export async function startFakeFleet({ socket, servers, rooms }) {
  const client = createClient({ RESP: 2, socket: { path: socket, tls: false } });
  client.on('error', () => {}); // commands still reject
  await client.connect();
  /** @type {FakeServer[]} */
  const fleet = Array.from({ length: servers }, () => ({
    id: randomUUID(),
    rooms: [],
    viewers: 1000 + random(10),
    deliveries: 0,
  }));
  const names = Array.from({ length: rooms }, (_, room) => roomName(room));
  names.forEach((name, room) => fleet[room % servers]?.rooms.push(name));
  const messages = new Map(names.map((name) => [name, 0]));

  /** @param {FakeServer} server @param {number} index */
  const write = async (server, index) => {
    const [seconds, micros] = await client.time();
    const { id, rooms: own } = server;
    server.deliveries += 1000 + random(100);
    for (const name of own) messages.set(name, (messages.get(name) ?? 0) + random(3));
    const all = client.multi();
    all.zAdd('servers:clients', { score: server.viewers + random(10), value: id });
    all.zAdd('servers:cumulative-socket-writes', { score: server.deliveries, value: id });
    all.zAdd('servers:event-loop', { score: random(1000) / 1000, value: id });
    all.zAdd('servers:fanout', { score: Math.floor(server.deliveries / 10), value: id });
    all.hSet(`server:${id}`, {
      id,
      url: `ws://10.0.${index >> 8}.${index & 255}:8080`,
      status: 'up',
      heartbeat: Number(seconds) * 1000 + Math.floor(Number(micros) / 1000),
      rss: 50_000_000 + random(1_000_000),
      heapTotal: 40_000_000,
      heapUsed: 30_000_000 + random(1_000_000),
      busy: random(100) / 1000,
      flushes: Math.floor(server.deliveries / 5),
      ...Object.fromEntries(own.map((name) => [`chat:${name}`, 10 + random(5)])),
    });
    /** @type {[string, (name: string) => number][]} */
    const sums = [
      ['chat-rooms:clients', () => 10 + random(5)],
      ['chat-rooms:cumulative-messages', (name) => messages.get(name) ?? 0],
      ['chat-rooms:cumulative-socket-writes', (name) => 10 * (messages.get(name) ?? 0)],
    ];
    for (const [key, score] of sums) {
      if (own.length === 0) continue;
      all.zAdd(
        key,
        own.map((name) => ({ score: score(name), value: name })),
      );
    }
    await all.exec();
  };

  /** @type {NodeJS.Timeout[]} */
  const timers = [];
  // One after the other, as servers do that were not started in the same instant: a burst once a
  // second would take the load's core from it.
  for (const [index, server] of fleet.entries()) {
    await write(server, index);
    const again = () => void write(server, index).catch(() => {});
    const start = () => timers.push(setInterval(again, 1000));
    timers.push(setTimeout(start, (index * 1000) / servers));
  }
  return {
    stop: async () => {
      timers.forEach((timer) => clearInterval(timer));
      await client.close();
    },
  };
}
