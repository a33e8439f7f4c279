// `spillway up`: the whole system in one command, and nothing of it afterwards.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Balancer } from './harness/balancer.ts';
import { binary } from './harness/binary.ts';
import { Child, environment } from './harness/child.ts';
import { descendants, stillAlive } from './harness/process_tree.ts';
import { test, type Stage } from './harness/stage.ts';
import { eventually } from './harness/wait.ts';

async function start(stage: Stage): Promise<{ up: Balancer; directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'spillway-up-'));
  stage.onEnd(() => rmSync(directory, { recursive: true, force: true }));
  const env = environment({ TMPDIR: directory, XDG_RUNTIME_DIR: directory });
  const flags = { 'server-port': 0 };
  const up = await stage.up(flags, { env, cwd: directory, ownGroup: true });
  await eventually(
    () => up.get('/servers/provision').catch(() => undefined),
    (answer) => answer?.status === 200,
  );
  return { up, directory };
}

function chat(stage: Stage, up: Balancer, flags: readonly string[] = []): Child {
  const child = new Child(binary, ['chat', `--balancer=${up.url}`, ...flags]);
  stage.onEnd(async () => {
    await child.kill9();
    child.assertHealthy();
  });
  return child;
}

test('up prints where it is and gives a server', async ({ stage }) => {
  const { up } = await start(stage);
  const { url } = await up.provision();
  const viewer = await stage.viewer(url);
  await viewer.join('lobby');
  expect(await viewer.say('hello')).toBe(1);
});

test('what is piped into chat is read by who watches', async ({ stage }) => {
  const { up } = await start(stage);
  const reader = chat(stage, up, ['--room=lobby']);
  const watching = await stage.viewer((await up.provision()).url);
  await watching.join('lobby');
  await watching.until(() => watching.viewerCounts.some(({ viewers }) => viewers >= 2));
  for (const text of ['hi', 'hi again']) {
    const writer = chat(stage, up);
    writer.write(`${text}\n`);
    writer.endInput();
    expect(await writer.exited()).toEqual({ code: 0, signal: null });
  }
  await reader.until(() => reader.stdout.includes('hi again'));
  await watching.until(() => watching.chats.length === 2);
  expect(watching.texts).toEqual(['hi', 'hi again']);
  expect(reader.stdoutLines.filter((line) => /\bhi\b/.test(line))).toHaveLength(2);
});

test('Ctrl-C leaves no process and no file', async ({ stage }) => {
  const { up, directory } = await start(stage);
  const viewer = await stage.viewer((await up.provision()).url);
  await viewer.join('lobby');
  const processes = descendants(up.child.pid);
  // Debian's redis-server is a link to a program that has several names.
  expect(processes.some(({ program }) => program.startsWith('redis'))).toBe(true);
  expect(processes.some(({ program }) => program === 'spillway')).toBe(true);
  expect(readdirSync(directory)).not.toEqual([]);
  up.child.interruptGroup();
  expect(await up.child.exited(30_000)).toEqual({ code: 0, signal: null });
  expect(stillAlive(processes)).toEqual([]);
  expect(readdirSync(directory)).toEqual([]);
});

test('SIGTERM to up alone ends all of it too', async ({ stage }) => {
  const { up, directory } = await start(stage);
  const processes = descendants(up.child.pid);
  expect(await up.stop(30_000)).toEqual({ code: 0, signal: null });
  expect(stillAlive(processes)).toEqual([]);
  expect(readdirSync(directory)).toEqual([]);
});

test('kill -9 of up leaves no process', async ({ stage }) => {
  const { up } = await start(stage);
  const processes = descendants(up.child.pid);
  expect(processes.length).toBeGreaterThanOrEqual(2);
  await up.child.kill9();
  await eventually(
    () => stillAlive(processes),
    (alive) => alive.length === 0,
  );
});

test('a chat server that crashed is replaced', async ({ stage }) => {
  const { up } = await start(stage);
  const before = await up.provision();
  const server = descendants(up.child.pid).find(({ program }) => program === 'spillway');
  if (server === undefined) throw new Error('up has no chat server');
  process.kill(server.pid, 'SIGKILL');
  const after = await eventually(
    () => up.provision().catch(() => undefined),
    (given) => given !== undefined && given.id !== before.id,
    20_000,
  );
  const viewer = await stage.viewer(after?.url ?? '');
  await viewer.join('lobby');
  await viewer.say('healed');
});

test('when its Redis crashes up ends with exit 1 and leaves nothing', async ({ stage }) => {
  const { up, directory } = await start(stage);
  const processes = descendants(up.child.pid);
  const redis = processes.find(({ program }) => program.startsWith('redis'));
  if (redis === undefined) throw new Error('up has no Redis');
  process.kill(redis.pid, 'SIGKILL');
  expect(await up.child.exited(30_000)).toEqual({ code: 1, signal: null });
  expect(up.child.stderrLines.at(-1)).toMatch(/redis/i);
  await eventually(
    () => stillAlive(processes),
    (alive) => alive.length === 0,
  );
  expect(readdirSync(directory)).toEqual([]);
});

test('with --redis up uses that Redis and leaves it running', async ({ stage }) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const up = await stage.up({ redis: redis.url, 'server-port': 0 }, { ownGroup: true });
  await eventually(
    () => up.get('/servers/provision'),
    ({ status }) => status === 200,
  );
  expect(descendants(up.child.pid).some(({ program }) => program.startsWith('redis'))).toBe(false);
  const { id } = await up.provision();
  expect(await client.exists(`server:${id}`)).toBe(1);
  expect(await up.stop(30_000)).toEqual({ code: 0, signal: null });
  expect(await client.ping()).toBe('PONG');
  expect(await client.exists(`server:${id}`)).toBe(0);
});
