// `spillway chat` against servers: pipes, hand-overs, an end without loss.
import { expect } from 'vitest';
import { binary } from './harness/binary.ts';
import { Child } from './harness/child.ts';
import { test, type Stage } from './harness/stage.ts';

function chat(stage: Stage, flags: readonly string[]): Child {
  const child = new Child(binary, ['chat', ...flags]);
  stage.onEnd(async () => {
    await child.kill9();
    child.assertHealthy();
  });
  return child;
}

test('a pipe of lines is sent in order, and chat ends when all is acknowledged', async ({
  stage,
}) => {
  const server = await stage.server(await stage.redis());
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  const lines = Array.from({ length: 30 }, (_, i) => `line ${i} äöü "quoted" \\`);
  const writer = chat(stage, [`--server=${server.url}`]);
  writer.write(lines.map((line) => `${line}\n`).join(''));
  writer.endInput();
  expect(await writer.exited()).toEqual({ code: 0, signal: null });
  await viewer.until(() => viewer.chats.length === 30);
  expect(viewer.texts).toEqual(lines);
});

test('a rate limit delays a pipe, it loses nothing', async ({ stage }) => {
  const server = await stage.server(await stage.redis(), { 'rate-limit': '5/300ms' });
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  const lines = Array.from({ length: 15 }, (_, i) => `line ${i}`);
  const writer = chat(stage, [`--server=${server.url}`]);
  writer.write(lines.map((line) => `${line}\n`).join(''));
  writer.endInput();
  expect(await writer.exited()).toEqual({ code: 0, signal: null });
  await viewer.until(() => viewer.chats.length === 15);
  expect(viewer.texts).toEqual(lines);
});

test('what is said appears on stdout, a line each', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const viewer = await stage.viewer(server);
  await viewer.join('den');
  const reader = chat(stage, [`--server=${server.url}`, '--room=den']);
  await viewer.until(() => viewer.viewerCounts.some(({ viewers }) => viewers === 2));
  await viewer.say('first', { name: 'ada' });
  await viewer.say('second');
  await reader.until(() => reader.stdout.includes('second'));
  expect(reader.stdoutLines.filter((line) => /first|second/.test(line))).toHaveLength(2);
  expect(reader.stdout).toMatch(/ada.*first/);
});

test('control characters of others do not reach the terminal', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  const reader = chat(stage, [`--server=${server.url}`]);
  await viewer.until(() => viewer.viewerCounts.some(({ viewers }) => viewers === 2));
  await viewer.say('evil \u001b[2J\u0007 line\r\nbreak', { name: '\u001b]0;x\u0007' });
  await viewer.say('done');
  await reader.until(() => reader.stdout.includes('done'));
  // oxlint-disable-next-line no-control-regex -- that none of them is there is the point
  expect(reader.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
});

test('chat follows a hand-over and misses nothing', async ({ stage }) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const [from, to] = [await stage.server(redis), await stage.server(redis)];
  const viewer = await stage.viewer(to);
  await viewer.join('lobby');
  const reader = chat(stage, [`--server=${from.url}`]);
  await viewer.until(() => viewer.viewerCounts.some(({ viewers }) => viewers === 2));
  const lines = Array.from({ length: 100 }, (_, i) => `line ${i};`);
  const talking = stage.beside(viewer.sayAll(lines, 2));
  const targets = [{ url: to.url, n: 1 }];
  await client.publish(from.id, JSON.stringify({ type: 'redistribute', n: 1, targets }));
  await talking;
  await viewer.say('the end;');
  await reader.until(() => reader.stdout.includes('the end;'));
  for (const line of lines) expect(reader.stdout.split(line)).toHaveLength(2);
  expect(await from.stop(5000)).toEqual({ code: 0, signal: null }); // nobody is there any more
});

test('no server: one sentence and exit 1', async ({ stage }) => {
  const child = chat(stage, ['--balancer=http://127.0.0.1:1']);
  child.write('hi\n');
  child.endInput();
  expect(await child.exited(30_000)).toEqual({ code: 1, signal: null });
  expect(child.stderrLines).toHaveLength(1);
  expect(child.stderr).toContain('--balancer');
});
