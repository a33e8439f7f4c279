// The order to hand viewers off: how many, where to, how fast.
import { expect } from 'vitest';
import { golden } from './harness/golden.ts';
import type { RedisServer } from './harness/redis.ts';
import type { ChatServer } from './harness/server.ts';
import { test, type Stage } from './harness/stage.ts';
import type { Viewer } from './harness/viewer.ts';

interface Told {
  readonly redirect: string | undefined;
  readonly delayMs: number;
}

async function fullServer(stage: Stage, count: number) {
  const redis = await stage.redis();
  const server = await stage.server(redis);
  const viewers = await stage.viewers(count, server);
  await Promise.all(viewers.map((viewer) => viewer.join('lobby')));
  return { redis, server, viewers };
}

async function order(redis: RedisServer, server: ChatServer, body: object): Promise<void> {
  const client = await redis.client();
  expect(await client.publish(server.id, JSON.stringify({ type: 'redistribute', ...body }))).toBe(
    1,
  );
}

function told(viewers: readonly Viewer[]): Told[] {
  return viewers.flatMap((viewer) =>
    viewer.redistributes.map(({ redirect, delayMs }) => ({ redirect, delayMs })),
  );
}

/** Resolves when that many were told; any of the viewers may be one of them. */
async function untilTold(viewers: readonly Viewer[], count: number): Promise<void> {
  const enough = (): boolean => told(viewers).length >= count;
  await Promise.any(viewers.map((viewer) => viewer.until(enough)));
}

/** What comes after this was not sent before: one more message passed through everybody. */
async function settle(viewers: readonly Viewer[], text: string): Promise<void> {
  await viewers[0]?.say(text);
  await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.texts.includes(text))));
}

test('n viewers are told, each once, with delays within the second', async ({ stage }) => {
  const { redis, server, viewers } = await fullServer(stage, 40);
  await order(redis, server, { n: 15, targets: [] });
  await untilTold(viewers, 15);
  await settle(viewers, 'settled');
  expect(told(viewers)).toHaveLength(15);
  for (const viewer of viewers) expect(viewer.redistributes.length).toBeLessThanOrEqual(1);
  for (const { delayMs } of told(viewers)) {
    expect(delayMs).toBeGreaterThanOrEqual(0);
    expect(delayMs).toBeLessThanOrEqual(1000);
  }
});

test('targets are honoured, who is left over asks the balancer', async ({ stage }) => {
  const { redis, server, viewers } = await fullServer(stage, 40);
  const targets = [
    { url: 'ws://127.0.0.1:1001', n: 12 },
    { url: 'ws://127.0.0.1:1002', n: 5 },
  ];
  await order(redis, server, { n: 20, targets });
  await untilTold(viewers, 20);
  const count = (url: string | undefined): number =>
    told(viewers).filter(({ redirect }) => redirect === url).length;
  expect(count('ws://127.0.0.1:1001')).toBe(12);
  expect(count('ws://127.0.0.1:1002')).toBe(5);
  expect(count(undefined)).toBe(3);
});

// They are told at random, and the last ones are hard to find by chance.
test('as many as there are, and none of them leaves: everybody is told', async ({ stage }) => {
  const { redis, server, viewers } = await fullServer(stage, 150);
  await order(redis, server, { n: 150, targets: [] });
  await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.redistributes.length === 1)));
});

test('more than there are: everybody is told', async ({ stage }) => {
  const { redis, server, viewers } = await fullServer(stage, 10);
  await order(redis, server, { n: 500, targets: [] });
  await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.redistributes.length === 1)));
});

test('a second order replaces what is left of the first', async ({ stage }) => {
  const { redis, server, viewers } = await fullServer(stage, 60);
  const client = await redis.client();
  const first = { type: 'redistribute', n: 50, targets: [{ url: 'ws://127.0.0.1:1001', n: 50 }] };
  const second = { type: 'redistribute', n: 0, targets: [] };
  await client
    .multi()
    .publish(server.id, JSON.stringify(first))
    .publish(server.id, JSON.stringify(second))
    .exec();
  const third = { type: 'redistribute', n: 4, targets: [{ url: 'ws://127.0.0.1:1003', n: 4 }] };
  await client.publish(server.id, JSON.stringify(third));
  const toThird = (): Told[] =>
    told(viewers).filter(({ redirect }) => redirect === 'ws://127.0.0.1:1003');
  await Promise.any(viewers.map((viewer) => viewer.until(() => toThird().length === 4)));
  await settle(viewers, 'settled');
  expect(toThird()).toHaveLength(4);
  expect(told(viewers).length).toBeLessThan(20); // without the replacement: 54
});

test('nonsense on the control channel is ignored', async ({ stage }) => {
  const { redis, server, viewers } = await fullServer(stage, 3);
  const client = await redis.client();
  const nonsense = golden('control').filter(({ expect: meaning }) => meaning === null);
  expect(nonsense.length).toBeGreaterThan(5);
  for (const { text } of nonsense) await client.publish(server.id, text);
  await settle(viewers, 'fine');
  expect(told(viewers)).toEqual([]);
});

test('a room that is handed off while people talk loses nothing', async ({ stage }) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const [from, to] = [await stage.server(redis), await stage.server(redis)];
  const followers = await Promise.all(
    Array.from({ length: 20 }, () => stage.follower({ room: 'lobby', pick: () => from.url })),
  );
  const talk = async (): Promise<void> => {
    for (let line = 0; line < 150; line += 1) {
      for (const follower of followers.slice(0, 4)) follower.say(`line ${line}`);
      await Promise.all(followers.map((f) => f.until(() => f.unanswered < 5, 30_000)));
    }
  };
  const talking = stage.beside(talk());
  await followers[5]?.until(() => (followers[5]?.lines.length ?? 0) > 50);
  const targets = [{ url: to.url, n: 20 }];
  await client.publish(from.id, JSON.stringify({ type: 'redistribute', n: 20, targets }));
  await talking;
  await Promise.all(
    followers.map((f) => f.until(() => f.url === to.url && f.lines.length === 600)),
  );
  for (const follower of followers) expect(follower.texts).toEqual(followers[0]?.texts);
});
