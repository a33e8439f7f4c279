// How many viewers a room has, in Redis: true again within 10 s whatever died, froze or came back.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { RedisClient, RedisServer } from './harness/redis.ts';
import { test } from './harness/stage.ts';
import { eventually } from './harness/wait.ts';

type Counts = Record<string, number>;

async function roomCounts(client: RedisClient): Promise<Counts> {
  const members = await client.zRangeWithScores('chat-rooms:clients', 0, -1);
  return Object.fromEntries(
    members.filter(({ score }) => score !== 0).map(({ value, score }) => [value, score]),
  );
}

/** Exactly these rooms have viewers, and so many. */
async function untilCounts(client: RedisClient, expected: Counts): Promise<void> {
  const sorted = (counts: Counts): string => JSON.stringify(Object.entries(counts).toSorted());
  await eventually(
    () => roomCounts(client),
    (counts) => sorted(counts) === sorted(expected),
    10_000,
  );
}

/** The rooms that a server's own hash names. */
async function ownRooms(client: RedisClient, id: string): Promise<Counts> {
  const fields = Object.entries(await client.hGetAll(`server:${id}`));
  return Object.fromEntries(
    fields
      .filter(([field]) => field.startsWith('chat:'))
      .map(([field, viewers]) => [field.slice('chat:'.length), Number(viewers)]),
  );
}

test('kill -9 and a start under the same id: the viewers of the former life count no more', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const [doomed, other] = [await stage.server(redis), await stage.server(redis)];
  for (const [room, count] of [
    ['entered again', 3],
    ['left for good', 2],
  ] as const) {
    for (const viewer of await stage.viewers(count, doomed)) await viewer.join(room);
  }
  await (await stage.viewer(other)).join('left for good');
  await untilCounts(client, { 'entered again': 3, 'left for good': 3 });
  await client.sAdd('balancer:servers', doomed.id);

  await doomed.child.kill9();
  const again = await stage.server(redis, { id: doomed.id });
  await (await stage.viewer(again)).join('entered again');
  await untilCounts(client, { 'entered again': 1, 'left for good': 1 });
  expect(await ownRooms(client, doomed.id)).toEqual({ 'entered again': 1 });
  expect(await client.hGet(`server:${doomed.id}`, 'url')).toBe(again.url);
  // Whose server it is has not changed.
  expect(await client.sMembers('balancer:servers')).toEqual([doomed.id]);
});

test('a server frozen for 10 s and woken: its viewers leave the counts, and are back in them', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const [frozen, other] = [await stage.server(redis), await stage.server(redis)];
  await stage.balancer(redis, { 'servers-min': 0 });
  const [first, second] = await stage.viewers(2, frozen);
  await first?.join('lobby');
  await second?.join('quiet');
  await (await stage.viewer(other)).join('lobby');
  await untilCounts(client, { lobby: 2, quiet: 1 });

  frozen.child.signal('SIGSTOP');
  const thaw = delay(10_000); // how long it stands still is the case itself
  await untilCounts(client, { lobby: 1 });
  await thaw;
  frozen.child.signal('SIGCONT');
  await untilCounts(client, { lobby: 2, quiet: 1 });
  await second?.join('lobby');
  await untilCounts(client, { lobby: 3 });
  expect(await ownRooms(client, frozen.id)).toEqual({ lobby: 2 });
});

for (const persistent of [false, true]) {
  test(`Redis killed and started ${persistent ? 'with' : 'without'} its data: the counts are true again`, async ({
    stage,
  }) => {
    const redis = await stage.redis({ persistent });
    const servers = [await stage.server(redis), await stage.server(redis, { threads: 2 })];
    for (const server of servers) {
      for (const viewer of await stage.viewers(3, server)) await viewer.join('lobby');
    }
    const leaver = await stage.viewer(servers[0] ?? '');
    await leaver.join('elsewhere');
    await untilCounts(await redis.client(), { lobby: 6, elsewhere: 1 });
    await redis.kill9();
    await leaver.close();
    await redis.startAgain();
    await untilCounts(await redis.client(), { lobby: 6 });
  });
}

/** What Redis has on disk now is what it starts from the next time. */
function remember(redis: RedisServer): () => void {
  const log = join(redis.directory, 'appendonlydir');
  cpSync(log, `${log}.old`, { recursive: true });
  return () => {
    rmSync(log, { recursive: true });
    cpSync(`${log}.old`, log, { recursive: true });
  };
}

test('Redis comes back from an older state: what changed since then is counted as it is now', async ({
  stage,
}) => {
  const redis = await stage.redis({ persistent: true });
  const before = await redis.client();
  const [one, two] = [await stage.server(redis), await stage.server(redis)];
  const doomed = await stage.server(redis);
  await stage.balancer(redis, { 'servers-min': 0 });
  const [stays, moves] = await stage.viewers(2, one);
  const leaves = await stage.viewer(two);
  await stays?.join('grows');
  await moves?.join('empties');
  await leaves.join('empties');
  await (await stage.viewer(doomed)).join('dies');
  await untilCounts(before, { grows: 1, empties: 2, dies: 1 });
  const restore = remember(redis);

  // None of it happens again after the restart: the servers have nothing new to tell.
  await moves?.join('is new');
  await leaves.join('grows');
  await doomed.child.kill9();
  const now = { grows: 2, 'is new': 1 };
  await untilCounts(before, now);
  await redis.kill9();
  restore();
  await redis.startAgain();
  const after = await redis.client();
  await untilCounts(after, now);
  expect(await ownRooms(after, one.id)).toEqual({ grows: 1, 'is new': 1 });
  expect(await ownRooms(after, two.id)).toEqual({ grows: 1 });
});
