// Several balancers on one Redis, and what becomes of their servers when one of them goes.
import { expect } from 'vitest';
import type { Balancer } from './harness/balancer.ts';
import type { Flags } from './harness/binary.ts';
import {
  decisionsOf,
  fleetOf,
  isDeciding,
  killServer,
  serverProcesses,
  whats,
} from './harness/fleet.ts';
import type { Follower } from './harness/follower.ts';
import type { RedisClient, RedisServer } from './harness/redis.ts';
import { test as anyTest, type Stage } from './harness/stage.ts';
import { eventually } from './harness/wait.ts';

// They mostly wait for leases and silences to run out, which they can do side by side.
const test = anyTest.concurrent;

const serverFlags: Flags = {
  'server-port': 0,
  'server-rate-limit': 'off',
  'server-threads': 1,
  'server-start-timeout': '30s', // many start at once
};

/** A Redis whose servers are all ended with the test, also those whose balancer is gone. */
async function surroundings(stage: Stage): Promise<{ redis: RedisServer; client: RedisClient }> {
  const redis = await stage.redis();
  stage.onEnd(() => {
    for (const { pid, redisUrl } of serverProcesses()) {
      if (redisUrl === redis.url) process.kill(pid, 'SIGKILL');
    }
  });
  return { redis, client: await redis.client() };
}

async function balancer(stage: Stage, redis: RedisServer, flags: Flags = {}): Promise<Balancer> {
  return stage.balancer(redis, { ...serverFlags, ...flags });
}

/** Of the servers that have this Redis. */
function processIds(redis: RedisServer): string[] {
  return serverProcesses()
    .filter(({ redisUrl }) => redisUrl === redis.url)
    .map(({ id }) => id)
    .toSorted();
}

/** The ids in its list of servers, once there are so many. */
async function serversOf(asked: Balancer, count: number, limitMs?: number): Promise<string[]> {
  const fleet = await eventually(
    () => fleetOf(asked),
    (answer) => answer?.servers.length === count,
    limitMs,
  );
  return (fleet?.servers ?? []).map(({ id }) => id).toSorted();
}

async function decidersOf(balancers: readonly Balancer[]): Promise<Balancer[]> {
  const deciding = await Promise.all(balancers.map(isDeciding));
  return balancers.filter((_, index) => deciding[index]);
}

async function theDecider(balancers: readonly Balancer[], limitMs?: number): Promise<Balancer> {
  const deciders = await eventually(
    () => decidersOf(balancers),
    ({ length }) => length === 1,
    limitMs,
  );
  const [decider] = deciders;
  if (decider === undefined) throw new Error('unreachable: just waited for it');
  return decider;
}

/** As a client does: asks until there is a server. */
function pickFrom(asked: Balancer): () => Promise<string> {
  return async () => {
    const answer = await eventually(
      () => asked.provision().catch(() => undefined),
      (given) => given !== undefined,
    );
    return answer?.url ?? '';
  };
}

/** Resolves when so many seconds of the fleet's life went by, and with them as many decisions. */
async function heartbeats(client: RedisClient, id: string, seconds: number): Promise<void> {
  const heartbeat = async (): Promise<number> =>
    Number(await client.hGet(`server:${id}`, 'heartbeat'));
  const from = await heartbeat();
  expect(from).toBeGreaterThan(0);
  await eventually(heartbeat, (now) => now >= from + seconds * 1000);
}

async function sayAndSee(followers: readonly Follower[], line: string): Promise<void> {
  followers[0]?.say(line);
  for (const follower of followers) await follower.until(() => follower.texts.at(-1) === line);
}

function checkAllSaw(followers: readonly Follower[], lines: readonly string[]): void {
  for (const follower of followers) {
    expect(follower.texts).toEqual(lines);
    expect(follower.unrecovered).toBe(0);
    expect(follower.violations).toEqual([]);
  }
}

test('of several balancers one decides, and another within 5 s of its kill -9', async ({
  stage,
}) => {
  const { redis, client } = await surroundings(stage);
  const flags = { 'servers-min': 2, 'servers-max': 6 };
  const all = await Promise.all([1, 2, 3].map(() => balancer(stage, redis, flags)));
  const ids = await serversOf(all[0] as Balancer, 2);
  const first = await theDecider(all);
  for (const one of all) {
    expect(await serversOf(one, 2)).toEqual(ids);
    expect(ids).toContain((await one.provision()).id);
    expect(whats(await decisionsOf(one))).toEqual(one === first ? ['heal', 'heal'] : []);
  }

  await first.child.kill9();
  const rest = all.filter((one) => one !== first);
  const second = await theDecider(rest, 5000);
  await heartbeats(client, ids[0] ?? '', 2);
  expect(processIds(redis)).toEqual(ids);
  for (const one of rest) expect(await decisionsOf(one)).toEqual([]);

  // It is not only called so: a server of the dead balancer is replaced by the new one.
  killServer(ids[0] ?? '');
  await eventually(
    () => decisionsOf(second),
    (decisions) => decisions.length === 2,
    20_000,
  );
  expect(whats(await decisionsOf(second))).toEqual(['remove', 'heal']);
  expect((await decisionsOf(second))[0]?.why).toContain(ids[0]);
  expect(await serversOf(second, 2)).toContain(ids[1]);
});

test('a deciding balancer that was paused for longer than its lease wakes and changes nothing', async ({
  stage,
}) => {
  const { redis, client } = await surroundings(stage);
  const flags = { 'servers-min': 2, 'servers-max': 6 };
  const all = [await balancer(stage, redis, flags), await balancer(stage, redis, flags)];
  const paused = await theDecider(all);
  const other = all.find((one) => one !== paused);
  if (other === undefined) throw new Error('unreachable: there are two');
  const [doomed = '', kept = ''] = await serversOf(other, 2);
  const decidedBefore = await decisionsOf(paused);
  expect(whats(decidedBefore)).toEqual(['heal', 'heal']);

  paused.child.signal('SIGSTOP');
  stage.onEnd(() => paused.child.signal('SIGCONT'));
  killServer(doomed); // its own child: it will hear of that when it wakes
  await eventually(
    () => decisionsOf(other),
    (decisions) => decisions.length === 2,
    20_000,
  );
  expect(whats(await decisionsOf(other))).toEqual(['remove', 'heal']);
  const replaced = await eventually(
    () => processIds(redis),
    (ids) => ids.length === 2 && !ids.includes(doomed),
  );
  const killedAlone = await stage.server(redis); // and this one it will believe to be there
  await serversOf(other, 3);
  await killedAlone.child.kill9();

  paused.child.signal('SIGCONT');
  await heartbeats(client, kept, 3);
  expect((await decidersOf(all)).map(({ url }) => url)).toEqual([other.url]);
  await eventually(
    () => client.exists(`server:${killedAlone.id}`),
    (exists) => exists === 0,
  );
  expect(await decisionsOf(paused)).toEqual(decidedBefore);
  expect(await serversOf(paused, 2)).toEqual(replaced);
  expect(processIds(redis)).toEqual(replaced);

  // Its own child again, so it hears of it first; but to replace it is the other's business.
  killServer(kept);
  await eventually(
    () => decisionsOf(other),
    (decisions) => whats(decisions).filter((what) => what === 'heal').length === 2,
  );
  const healed = (await serversOf(other, 2)).find((id) => !replaced.includes(id)) ?? '';
  await heartbeats(client, healed, 2);
  expect(await decisionsOf(paused)).toEqual(decidedBefore);
  expect(processIds(redis)).toHaveLength(2);
});

test('servers outlive the kill -9 of their balancer, and the next one adopts them', async ({
  stage,
}) => {
  const { redis, client } = await surroundings(stage);
  const first = await balancer(stage, redis, { 'servers-min': 2, 'servers-max': 2 });
  const ids = await serversOf(first, 2);
  let pick = pickFrom(first);
  const followers = await Promise.all(
    Array.from({ length: 8 }, () => stage.follower({ room: 'lobby', pick: () => pick() })),
  );
  expect(new Set(followers.map(({ url }) => url)).size).toBe(2);
  await first.child.kill9();
  await sayAndSee(followers, 'alone');

  const flags = { 'servers-min': 1, 'servers-max': 2, 'shrink-after': '1s' };
  const second = await balancer(stage, redis, flags);
  pick = pickFrom(second);
  expect(await serversOf(second, 2)).toEqual(ids);
  const [left = ''] = await serversOf(second, 1, 20_000);
  expect(ids).toContain(left);
  expect(whats(await decisionsOf(second))).toEqual(['shrink']);
  for (const follower of followers) {
    await follower.until(() => follower.url === followers.find(({ url }) => url !== '')?.url);
  }
  await sayAndSee(followers, 'together');

  expect((await second.call('DELETE', `/servers/${left}`)).status).toBe(200);
  await eventually(
    () => client.exists(`server:${left}`),
    (exists) => exists === 0,
    20_000,
  );
  expect(whats(await decisionsOf(second))).toEqual(['shrink', 'drain', 'heal']);
  const [healed = ''] = await serversOf(second, 1);
  expect(ids).not.toContain(healed);
  await sayAndSee(followers, 'moved');
  checkAllSaw(followers, ['alone', 'together', 'moved']);
});

test('SIGTERM drains the servers of that balancer, and viewers find those of another', async ({
  stage,
}) => {
  const { redis, client } = await surroundings(stage);
  const flags = { 'servers-min': 1, 'servers-max': 4 };
  const leaving = await balancer(stage, redis, flags);
  const [drained = ''] = await serversOf(leaving, 1);
  const followers = await Promise.all(
    Array.from({ length: 8 }, () => stage.follower({ room: 'lobby', pick: pickFrom(leaving) })),
  );
  await sayAndSee(followers, 'before');
  const staying = await balancer(stage, redis, flags);
  expect((await staying.call('POST', '/servers/create')).status).toBe(200);
  const kept = (await serversOf(leaving, 2)).find((id) => id !== drained) ?? '';
  const { url: keptUrl = '' } =
    (await fleetOf(staying))?.servers.find(({ id }) => id === kept) ?? {};

  // Who stays until the end of the drain shows that somebody decides during it.
  const stubborn = await stage.viewer(followers[0]?.url ?? '');
  await stubborn.join('elsewhere');
  const lease = await client.get('balancer:lease');
  leaving.child.signal('SIGTERM');
  for (const follower of followers) await follower.until(() => follower.url === keptUrl, 20_000);
  await theDecider([staying], 5000);
  expect(await client.get('balancer:lease')).not.toBe(lease);
  expect(leaving.child.exit).toBeUndefined();
  await stubborn.close();
  expect(await leaving.child.exited(20_000)).toEqual({ code: 0, signal: null });
  await sayAndSee(followers, 'after');
  checkAllSaw(followers, ['before', 'after']);
  expect(processIds(redis)).toEqual([kept]);
  expect(await client.keys('server:*')).toEqual([`server:${kept}`]);
  expect(await client.sMembers('balancer:servers')).toEqual([kept]);
  expect(await client.zRange('servers:clients', 0, -1)).toEqual([kept]);
  expect(whats(await decisionsOf(staying))).toEqual(['create']);

  // The last one cannot leave Redis by itself.
  staying.child.signal('SIGTERM');
  for (const follower of followers) {
    await follower.until(() => follower.redistributed === 2);
    follower.stop();
  }
  killServer(kept);
  expect(await staying.child.exited(20_000)).toEqual({ code: 0, signal: null });
  expect(processIds(redis)).toEqual([]);
  expect(await client.keys('server*')).toEqual([]);
  expect(await client.keys('balancer:*')).toEqual([]);
  const counts = await client.zRangeWithScores('chat-rooms:clients', 0, -1);
  expect(counts.map(({ score }) => score)).toEqual(counts.map(() => 0));
});

test('with --servers-at-exit=keep SIGTERM leaves them, and the next balancer decides at once', async ({
  stage,
}) => {
  const { redis, client } = await surroundings(stage);
  const flags = { 'servers-min': 1, 'servers-max': 4, 'servers-at-exit': 'keep', lease: '60s' };
  const first = await balancer(stage, redis, flags);
  const ids = await serversOf(first, 1);
  const viewer = await stage.viewer((await first.provision()).url);
  await viewer.join('lobby');
  expect(await first.stop()).toEqual({ code: 0, signal: null });
  expect(await client.exists('balancer:lease')).toBe(0);
  expect(processIds(redis)).toEqual(ids);
  await viewer.say('still here');
  expect(viewer.redistributes).toEqual([]);

  const second = await balancer(stage, redis, flags);
  await theDecider([second]);
  expect(await serversOf(second, 1)).toEqual(ids);
  await heartbeats(client, ids[0] ?? '', 2);
  expect(await decisionsOf(second)).toEqual([]);
});

const outages = {
  'a kill -9 of Redis': {
    begin: (redis: RedisServer) => redis.kill9(),
    end: (redis: RedisServer) => redis.startAgain(),
  },
  'a Redis that hangs': {
    begin: (redis: RedisServer) => redis.freeze(),
    end: (redis: RedisServer) => redis.thaw(),
  },
};

for (const [name, { begin, end }] of Object.entries(outages)) {
  test(`${name} for longer than silence may last removes and starts nobody`, async ({ stage }) => {
    const { redis } = await surroundings(stage);
    stage.onEnd(() => redis.thaw());
    const flags = { 'servers-min': 2, 'servers-max': 6 };
    const all = [await balancer(stage, redis, flags), await balancer(stage, redis, flags)];
    const before = await theDecider(all);
    const ids = await serversOf(before, 2);
    const decided = await decisionsOf(before);
    expect(whats(decided)).toEqual(['heal', 'heal']);

    await begin(redis);
    for (const one of all) {
      await eventually(
        () => one.get('/servers/provision'),
        ({ status }) => status === 503,
        20_000,
      );
    }
    await end(redis);
    const after = await theDecider(all);
    for (const one of all) expect(await serversOf(one, 2)).toEqual(ids);

    // Once it judges the fleet again, it finds only this to do.
    killServer(ids[0] ?? '');
    const replaced = await eventually(
      () => processIds(redis),
      (now) => now.length === 2 && !now.includes(ids[0] ?? ''),
      20_000,
    );
    expect(replaced).toContain(ids[1]);
    const decidedByAll = (await Promise.all(all.map(decisionsOf))).flat();
    expect(whats(decidedByAll).filter((what) => what !== 'remove')).toEqual([
      'heal',
      'heal',
      'heal',
    ]);
    // Who decides now may find it before its parent has taken it out.
    for (const { what, why } of decidedByAll) if (what === 'remove') expect(why).toContain(ids[0]);
    expect(whats(await decisionsOf(after)).at(-1)).toBe('heal');
  });
}

test('a Redis that is restarted at once, and knows nobody, makes a balancer start nobody', async ({
  stage,
}) => {
  const { redis } = await surroundings(stage);
  const flags = { 'servers-min': 2, 'servers-max': 6 };
  const only = await balancer(stage, redis, flags);
  const ids = await serversOf(only, 2);
  for (let restart = 0; restart < 4; restart += 1) {
    await redis.kill9();
    await redis.startAgain();
    const client = await redis.client();
    await eventually(
      () => client.zRange('servers:clients', 0, -1),
      (members) => members.length === 2,
    );
    await heartbeats(client, ids[0] ?? '', 2);
    expect(whats(await decisionsOf(only))).toEqual(['heal', 'heal']);
    expect(processIds(redis)).toEqual(ids);
    // Only what a balancer started may be drained when the fleet shrinks.
    await eventually(
      () => client.sMembers('balancer:servers'),
      (members) => members.length === 2,
    );
  }
});

test('after kill -9 of a child the counts of viewers and rooms are right within 10 s', async ({
  stage,
}) => {
  const { redis, client } = await surroundings(stage);
  const flags = { 'servers-min': 2, 'servers-max': 6 };
  const only = await balancer(stage, redis, flags);
  await serversOf(only, 2);
  const { servers = [] } = (await fleetOf(only)) ?? {};
  const [doomed, kept] = servers;
  if (doomed === undefined || kept === undefined) throw new Error('unreachable: there are two');
  for (const { url } of [doomed, kept]) {
    for (let viewers = 0; viewers < 5; viewers += 1) {
      await (await stage.viewer(url)).join('lobby');
    }
  }
  await (await stage.viewer(doomed.url)).join('elsewhere');
  const inRedis = (room: string) => client.zScore('chat-rooms:clients', room);
  const shown = async (): Promise<readonly (number | undefined)[]> => {
    const fleet = await fleetOf(only);
    const viewers = fleet?.servers.reduce((sum, server) => sum + server.viewers, 0);
    return [
      viewers,
      fleet?.rooms['lobby'],
      fleet?.rooms['elsewhere'] ?? 0,
      (await inRedis('lobby')) ?? 0,
      (await inRedis('elsewhere')) ?? 0,
    ];
  };
  await eventually(shown, (counts) => counts.join() === '11,10,1,10,1');
  killServer(doomed.id);
  await eventually(shown, (counts) => counts.join() === '5,5,0,5,0', 10_000);
  expect(await client.exists(`server:${doomed.id}`)).toBe(0);
  const late = await stage.viewer(kept.url);
  await eventually(
    () => late.join('lobby'),
    ({ viewers }) => viewers === 6,
  );
  expect(whats(await decisionsOf(only))).toEqual(['heal', 'heal', 'heal']);
  expect(await serversOf(only, 2)).not.toContain(doomed.id);
});
