// What a room keeps and what a viewer who asks for history gets.
import { expect } from 'vitest';
import { logEntries } from './harness/redis.ts';
import { test } from './harness/stage.ts';
import { batchBytesMax } from './harness/viewer.ts';

const lines = (count: number): string[] => Array.from({ length: count }, (_, i) => `line ${i + 1}`);

test('without history a viewer gets only what is said from now on', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const sender = await stage.viewer(server);
  await sender.join('lobby');
  await sender.sayAll(lines(5));
  const viewer = await stage.viewer(server);
  expect(await viewer.join('lobby')).toMatchObject({ seq: 5, viewers: 2 });
  expect(viewer.registered[0]).not.toHaveProperty('recovered');
  await sender.say('now');
  await viewer.until(() => viewer.chats.length > 0);
  expect(viewer.texts).toEqual(['now']);
});

for (const [asked, got] of [
  [1, 1],
  [7, 7],
  [20, 20],
  [21, 20],
  [100_000, 20],
] as const) {
  test(`history ${asked} of 60 messages with --history-messages 20 gives the newest ${got}`, async ({
    stage,
  }) => {
    const server = await stage.server(await stage.redis(), { 'history-messages': 20 });
    const sender = await stage.viewer(server);
    await sender.join('lobby');
    await sender.sayAll(lines(60));
    const viewer = await stage.viewer(server, { batch: true });
    expect(await viewer.join('lobby', { history: asked })).toMatchObject({ seq: 60 - got });
    await viewer.until(() => viewer.chats.length === got);
    expect(viewer.texts).toEqual(lines(60).slice(-got));
    await sender.say('live');
    await viewer.until(() => viewer.chats.length === got + 1);
  });
}

test('history of an empty room is nothing', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const viewer = await stage.viewer(server);
  expect(await viewer.join('lobby', { history: 50 })).toMatchObject({ seq: 0, viewers: 1 });
  await viewer.say('first');
  await viewer.until(() => viewer.chats.length === 1);
  expect(viewer.seqs).toEqual([1]);
});

test('the log in Redis is trimmed to what the room keeps', async ({ stage }) => {
  const redis = await stage.redis();
  const flags = { 'history-messages': 20, 'history-window': '0s' };
  const server = await stage.server(redis, flags);
  const sender = await stage.viewer(server);
  await sender.join('lobby');
  for (const line of lines(100)) await sender.say(line); // one entry each
  const client = await redis.client();
  const entries = await logEntries(client, 'room:{lobby}:log');
  expect(entries.length).toBeGreaterThanOrEqual(20);
  expect(entries.length).toBeLessThanOrEqual(22);
});

test('what is younger than --history-window is kept beyond --history-messages', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const flags = { 'history-messages': 10, 'history-window': '60s' };
  const server = await stage.server(redis, flags);
  const sender = await stage.viewer(server);
  const { epoch } = await sender.join('lobby');
  await sender.sayAll(lines(100));
  const viewer = await stage.viewer(await stage.server(redis, flags));
  expect(await viewer.join('lobby', { since: { epoch, seq: 0 } })).toMatchObject({
    recovered: true,
  });
  await viewer.until(() => viewer.chats.length === 100);
});

test('--history-bytes-max bounds what a room keeps', async ({ stage }) => {
  const redis = await stage.redis();
  const flags = { 'history-messages': 200, 'history-window': '60s', 'history-bytes-max': '64KiB' };
  const server = await stage.server(redis, flags);
  const sender = await stage.viewer(server);
  await sender.join('lobby');
  for (let i = 0; i < 150; i += 1) await sender.say('x'.repeat(1000));
  const client = await redis.client();
  const entries = await logEntries(client, 'room:{lobby}:log');
  const bytes = entries.reduce((sum, entry) => sum + entry.batch.length, 0);
  expect(bytes).toBeLessThanOrEqual(72 * 1024);
  expect(bytes).toBeGreaterThan(32 * 1024);
  const viewer = await stage.viewer(server);
  await viewer.join('lobby', { history: 200 });
  await viewer.until(() => viewer.chats.at(-1)?.seq === 150);
  expect(viewer.chats.length).toBeLessThan(66);
});

test('a long history comes in arrays of at most 16 KiB', async ({ stage }) => {
  const server = await stage.server(await stage.redis(), { 'history-bytes-max': '8MiB' });
  const sender = await stage.viewer(server);
  await sender.join('lobby');
  const long = Array.from({ length: 150 }, (_, i) => `${i} ${'y'.repeat(1000)}`);
  await sender.sayAll(long);
  const viewer = await stage.viewer(server, { batch: true });
  await viewer.join('lobby', { history: 150 });
  await viewer.until(() => viewer.chats.length === 150);
  expect(viewer.texts).toEqual(long);
  expect(Math.max(...viewer.frameMessages)).toBeGreaterThan(5);
  expect(Math.max(...viewer.frameBytes)).toBeLessThanOrEqual(batchBytesMax);
});

test('one message longer than 16 KiB is an array of its own', async ({ stage }) => {
  const server = await stage.server(await stage.redis(), { 'message-bytes-max': '64KiB' });
  const sender = await stage.viewer(server, { batch: true });
  await sender.join('lobby');
  const text = 'z'.repeat(60_000);
  await sender.sayAll(['before', text, 'after']);
  await sender.until(() => sender.chats.length === 3);
  expect(sender.texts).toEqual(['before', text, 'after']);
});
