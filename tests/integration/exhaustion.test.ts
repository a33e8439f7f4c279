// What is needed gives out while a server runs: descriptors, ports, a Redis that takes anything. It
// says so with the mend, and goes on by itself once it is there again.
import { mkdirSync, rmdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { fetchText } from './harness/balancer.ts';
import { binary, toArguments } from './harness/binary.ts';
import { Child, environment } from './harness/child.ts';
import { openDescriptors } from './harness/process_size.ts';
import { RawConnection } from './harness/raw_http.ts';
import type { RedisClient, RedisServer } from './harness/redis.ts';
import type { ChatServer } from './harness/server.ts';
import { test, type Stage } from './harness/stage.ts';
import { Talker } from './harness/talker.ts';
import { eventually } from './harness/wait.ts';

async function becomes(server: ChatServer, status: 'ok' | 'degraded'): Promise<void> {
  await eventually(
    async () => (await fetchText(`${server.httpUrl}/healthz`)).text,
    (text) => text.includes(`"${status}"`),
  );
}

interface Refusal {
  readonly cause: (client: RedisClient, redis: RedisServer) => Promise<void>;
  readonly cure: (client: RedisClient, redis: RedisServer) => Promise<void>;
  /** What the log has to name: the cause in Redis's words and the mend in ours. */
  readonly says: readonly [string, string];
  /** Lines that name it: one, or one a connection. */
  readonly lines: 1 | 3;
}

async function set(client: RedisClient, name: string, value: string): Promise<void> {
  await client.sendCommand(['CONFIG', 'SET', name, value]);
}

async function hangUp(client: RedisClient): Promise<void> {
  for (const type of ['normal', 'pubsub']) {
    await client.sendCommand(['CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes']);
  }
}

async function saved(client: RedisClient, status: 'ok' | 'err'): Promise<void> {
  await client.sendCommand(['BGSAVE']);
  await eventually(
    () => client.info('persistence'),
    (info) =>
      info.includes('rdb_bgsave_in_progress:0') &&
      info.includes(`rdb_last_bgsave_status:${status}`),
  );
}

const refusals: Readonly<Record<string, Refusal>> = {
  'is out of memory': {
    cause: (client) => set(client, 'maxmemory', '1'),
    cure: (client) => set(client, 'maxmemory', '0'),
    says: ['OOM', 'maxmemory'],
    lines: 1,
  },
  'became a replica': {
    cause: async (client) => void (await client.sendCommand(['REPLICAOF', '127.0.0.1', '1'])),
    cure: async (client) => void (await client.sendCommand(['REPLICAOF', 'NO', 'ONE'])),
    says: ['READONLY', 'use the master'],
    lines: 1,
  },
  'cannot save to disk': {
    cause: async (client, redis) => {
      mkdirSync(join(redis.directory, 'dump.rdb')); // no file can take its place
      await set(client, 'save', '3600 1');
      await saved(client, 'err');
    },
    cure: async (client, redis) => {
      rmdirSync(join(redis.directory, 'dump.rdb'));
      await saved(client, 'ok');
    },
    says: ['MISCONF', 'BGSAVE'],
    lines: 1,
  },
  'is busy with a script': {
    cause: async (client, redis) => {
      await set(client, 'busy-reply-threshold', '100');
      const looping = await redis.client();
      looping.eval('while true do end').catch(() => {});
      await eventually(
        () => client.ping().catch((error: unknown) => String(error)),
        (answer) => answer.includes('BUSY'),
      );
    },
    cure: async (client) => void (await client.sendCommand(['SCRIPT', 'KILL'])),
    says: ['BUSY', 'SCRIPT KILL'],
    lines: 1,
  },
  'wants a password': {
    cause: async (client) => {
      await set(client, 'requirepass', 'secret');
      await hangUp(client);
    },
    cure: (client) => set(client, 'requirepass', ''),
    says: ['NOAUTH', 'password'],
    lines: 3,
  },
  'has too many clients': {
    cause: async (client) => {
      await set(client, 'maxclients', '1');
      await hangUp(client);
    },
    cure: (client) => set(client, 'maxclients', '1000'),
    says: ['max number of clients', 'maxclients'],
    lines: 3,
  },
};

/** Unavailable after 10 s and not before 10 s: they wait at the same time. */
for (const [what, { cause, cure, says, lines }] of Object.entries(refusals)) {
  test.concurrent(
    `a Redis that ${what}: degraded, unavailable, said with the mend, and well again by itself`,
    async ({ stage }) => {
      const redis = await stage.redis();
      const client = await redis.client();
      const server = await stage.server(redis);
      const [talking, reader, asking] = [
        await stage.viewer(server),
        await stage.viewer(server),
        await stage.viewer(server),
      ];
      for (const viewer of [talking, reader, asking]) await viewer.join('lobby');
      const talk = new Talker(talking, 3);
      await reader.until(() => reader.chats.length > 20);
      const descriptors = openDescriptors(server.child.pid);

      await cause(client, redis);
      await becomes(server, 'degraded');
      const sent = performance.now();
      asking.chat('refused', { id: 'refused' });
      await asking.until(() => asking.errors.length === 1, 16_000);
      expect(performance.now() - sent).toBeGreaterThan(9000);
      expect(asking.errors[0]).toMatchObject({ code: 'unavailable', id: 'refused' });
      const [code, mend] = says;
      const said = server.child.stderrLines.filter((line) => line.includes(code));
      expect(said).toHaveLength(lines);
      for (const line of said) expect(line).toContain(mend);

      await cure(client, redis);
      const heard = reader.chats.length;
      await becomes(server, 'ok');
      await reader.until(() => reader.chats.length > heard + 20);
      await talk.finish();
      await asking.say('after');
      for (const { id } of talking.acks) {
        await reader.until(() => reader.chatWithId(id) !== undefined);
      }
      expect(new Set(reader.chats.map(({ id }) => id)).size).toBe(reader.chats.length);
      expect(reader.registered).toHaveLength(1); // the order was never in doubt
      const late = await stage.viewer(server);
      expect(await late.join('lobby')).toMatchObject({ viewers: 4 });
      late.terminate();
      await eventually(
        () => client.zScore('servers:clients', server.id),
        (score) => score === 3,
      );
      await eventually(
        () => openDescriptors(server.child.pid),
        (open) => open <= descriptors,
      );
      const messages = await eventually(
        () => client.zScore('chat-rooms:cumulative-messages', 'lobby'),
        (score) => score === reader.position?.seq,
      );
      expect(messages).toBe(reader.chats.length);
    },
  );
}

test('a Redis that still loads its data: degraded until it is there', async ({ stage }) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const server = await stage.server(redis);
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  await viewer.say('before');
  await client.eval("for i = 1, 3000 do redis.call('SET', 'fill:' .. i, string.rep('x', 60)) end");
  await client.sendCommand(['SAVE']);
  await redis.kill9();
  const slowly = ['--key-load-delay', '1000', '--loading-process-events-interval-bytes', '1024'];
  await redis.startAgain(slowly, 'Server initialized');
  await server.child.until(() => server.child.stderr.includes('still loading'));
  await becomes(server, 'degraded');
  viewer.chat('while it loads', { id: 'loading' });
  await viewer.until(() => viewer.acks.length === 2);
  await becomes(server, 'ok');
  expect(await viewer.say('after')).toBe(3);
  expect(viewer.texts).toEqual(['before', 'while it loads', 'after']);
});

test('Redis comes back while every descriptor is taken: well once some are free', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const flags = { 'connections-max': 10_000 };
  const server = await stage.server(redis, flags, { descriptors: 100 });
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  await viewer.say('before');
  const crowd = await crowdAt(stage, server.port, 150);
  await server.child.until(() => server.child.stderr.includes('accepting paused'));
  await redis.kill9();
  await redis.startAgain();
  await server.child.until(() => server.child.stderr.includes('redis away'));
  viewer.chat('meanwhile', { id: 'meanwhile' });
  crowd.forEach((connection) => connection.destroy());
  await viewer.until(() => viewer.acks.length === 2);
  await becomes(server, 'ok');
  expect(await viewer.say('after')).toBe(2 + (viewer.acks[1]?.seq ?? 0) - 1);
});

async function crowdAt(stage: Stage, port: number, size: number): Promise<RawConnection[]> {
  const crowd = await Promise.all(Array.from({ length: size }, () => RawConnection.open(port)));
  stage.onEnd(() => crowd.forEach((connection) => connection.destroy()));
  return crowd;
}

test('a balancer without descriptors says so once and goes on when some are free', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const args = toArguments({ port: 0, redis: redis.url, 'servers-min': 0 });
  const script = 'ulimit -n 48; exec "$0" "$@"';
  const child = new Child('sh', ['-c', script, binary, 'balancer', ...args], {
    env: environment(),
  });
  stage.onEnd(async () => {
    await child.end();
    child.assertHealthy();
  });
  const address = /http:\/\/[^\s/]+/;
  await child.until(() => address.test(child.stdout));
  const url = address.exec(child.stdout)?.[0] ?? '';
  const health = () => fetchText(`${url}/healthz`).catch(() => undefined);
  await eventually(health, (answer) => answer?.status === 200);
  const before = openDescriptors(child.pid);
  const crowd = await crowdAt(stage, Number(new URL(url).port), 100);
  const said = (): string[] => child.stderrLines.filter((line) => /accept/.test(line));
  await child.until(() => said().length > 0);
  crowd.forEach((connection) => connection.destroy());
  await eventually(health, (answer) => answer?.status === 200);
  expect(said()).toHaveLength(1);
  expect(said()[0]).toMatch(/open files/);
  await eventually(
    () => openDescriptors(child.pid),
    (open) => open <= before,
  );
});

for (const command of ['server', 'balancer'] as const) {
  test(`${command}: no port left, or an address of another machine: exit 1 and one sentence`, async ({
    stage,
  }) => {
    const redis = await stage.redis();
    const last = createServer();
    await new Promise<void>((resolve) => {
      last.on('error', () => resolve()); // somebody else holds it: as good
      last.listen(65_535, '127.0.0.1', resolve);
    });
    stage.onEnd(() => void last.close());
    for (const [flag, flags] of [
      ['--port', { port: 65_535 }],
      ['--host', { port: 0, host: '192.0.2.1' }],
    ] as const) {
      const args = [command, ...toArguments({ redis: redis.url, ...flags })];
      const child = new Child(binary, args, { env: environment() });
      stage.onEnd(() => child.kill9());
      expect(await child.exited()).toEqual({ code: 1, signal: null });
      expect(child.stdout).toBe('');
      expect(child.stderrLines).toHaveLength(1);
      expect(child.stderr).toMatch(command === 'server' ? flag : /--(host|port)/);
    }
  });
}
