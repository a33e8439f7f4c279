// Where a server's idea of a room is older than Redis's: what chance found, each as short as it can be
// shown.
import { expect } from 'vitest';
import { Proxy } from '../chaos/proxy.ts';
import { test } from './harness/stage.ts';
import { newId } from './harness/viewer.ts';

test('a server that comes back under its id acknowledges only what is logged', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const id = '11111111-2222-4333-8444-555555555555';
  const first = await stage.server(redis, { id });
  const before = await stage.viewer(first);
  await before.join('lobby');
  expect(await before.say('said before')).toBe(1);
  await first.child.kill9();
  const again = await stage.server(redis, { id });
  const viewer = await stage.viewer(again);
  await viewer.join('lobby', { history: 10 });
  expect(await viewer.say('said after')).toBe(2);
  expect(viewer.texts).toEqual(['said before', 'said after']);
});

test('a server that is behind by an epoch does not call a newer position lost', async ({
  stage,
}) => {
  const redis = await stage.redis({ persistent: true });
  const link = await Proxy.start({ path: redis.socket });
  stage.onEnd(() => link.close());
  const here = await stage.server(redis);
  const behind = stage.launch(`redis://127.0.0.1:${link.port}`);
  await behind.ready();
  const [viewer, waiting] = [await stage.viewer(here), await stage.viewer(behind)];
  await viewer.join('lobby');
  await waiting.join('lobby');
  await viewer.say('in the first epoch');
  await waiting.until(() => waiting.chats.length === 1);
  link.stall('both');
  await redis.kill9();
  await redis.startAgain();
  await viewer.until(() => viewer.registered.length === 2);
  const seq = await viewer.say('in the second epoch');
  const epoch = viewer.registered[1]?.epoch ?? '';
  const moved = await stage.viewer(behind);
  const answer = moved.join('lobby', { since: { epoch, seq } });
  link.flow();
  link.reset();
  expect(await answer).toMatchObject({ epoch, seq, recovered: true });
});

test('what is said right after a room was evicted stays in its log', async ({ stage }) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const server = await stage.server(redis, { 'history-messages': 5, 'history-window': '0s' });
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  for (let line = 1; line <= 20; line += 1) await viewer.say(`line ${line}`);
  await client.del(['room:{lobby}:meta', 'room:{lobby}:log']);
  const id = newId();
  viewer.chat('after the eviction', { id });
  await viewer.until(() => viewer.answerTo(id) !== undefined && viewer.registered.length === 2);
  expect(viewer.answerTo(id)).toMatchObject({ seq: 1 });
  expect(await client.xLen('room:{lobby}:log')).toBe(1);
  await viewer.until(() => viewer.texts.includes('after the eviction'));
});
