// Redis goes away and comes back: viewers stay, nothing acknowledged is lost silently.
import { expect } from 'vitest';
import { fetchText } from './harness/balancer.ts';
import { test } from './harness/stage.ts';
import { Talker } from './harness/talker.ts';
import { newId, type Viewer } from './harness/viewer.ts';
import { eventually } from './harness/wait.ts';

for (const persistent of [false, true]) {
  test(`Redis killed and started under load, ${persistent ? 'with' : 'without'} persistence: viewers stay and chat goes on`, async ({
    stage,
  }) => {
    const redis = await stage.redis({ persistent });
    const servers = [await stage.server(redis), await stage.server(redis, { threads: 2 })];
    const viewers: Viewer[] = [];
    for (const server of servers) viewers.push(...(await stage.viewers(10, server)));
    await Promise.all(viewers.map((viewer) => viewer.join('lobby')));
    const talkers = viewers.filter((_, index) => index % 5 === 0);
    const talks = talkers.map((talker) => new Talker(talker, 3));
    await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.chats.length > 100)));

    await redis.kill9();
    await redis.startAgain();
    const back = performance.now();
    await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.registered.length === 2)));
    const counts = viewers.map((viewer) => viewer.chats.length);
    await Promise.all(
      viewers.map((viewer, i) => viewer.until(() => viewer.chats.length > (counts[i] ?? 0) + 20)),
    );
    expect(performance.now() - back).toBeLessThan(5000);
    await Promise.all(talks.map((talk) => talk.finish()));

    const [first] = viewers;
    const last = await first?.say('the last'); // an ack may come before its message
    for (const viewer of viewers) {
      await viewer.until(() => viewer.position?.seq === last);
      expect(viewer.registered).toHaveLength(2);
      const [before, after] = viewer.registered;
      expect(after?.epoch).not.toBe(before?.epoch);
      expect(after?.epoch).toBe(first?.registered[1]?.epoch);
      expect(after?.chatId).toBe('lobby');
      expect(after).toHaveProperty('recovered');
      // With every write on disk nothing can be lost.
      if (persistent) expect(after?.recovered).toBe(true);
    }
    if (!persistent) return;
    const acked = talkers.flatMap((talker) => talker.acks.map((ack) => ack.id));
    for (const viewer of viewers) {
      // An ack may come before the message itself.
      await viewer.until(() => acked.every((id) => viewer.chatWithId(id) !== undefined));
      const seen = viewer.chats.map((chat) => chat.id);
      expect(new Set(seen).size).toBe(seen.length);
    }
  });
}

test('what is sent while Redis is away is published when it is back within 10 s', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const server = await stage.server(redis);
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  await viewer.say('before');
  await redis.kill9();
  for (const id of ['a', 'b', 'c']) viewer.chat(`while away ${id}`, { id });
  await redis.startAgain();
  await viewer.until(() => viewer.acks.length === 4 && viewer.chats.length === 4);
  expect(viewer.texts).toEqual(['before', 'while away a', 'while away b', 'while away c']);
});

test('what waited 10 s is answered with unavailable, and only once', async ({ stage }) => {
  const redis = await stage.redis();
  const viewer = await stage.viewer(await stage.server(redis));
  await viewer.join('lobby');
  await redis.kill9();
  const start = performance.now();
  viewer.chat('never', { id: 'never' });
  await viewer.until(() => viewer.errors.length === 1, 16_000);
  expect(viewer.errors[0]).toMatchObject({ code: 'unavailable', id: 'never' });
  expect(performance.now() - start).toBeGreaterThan(9000);
  await redis.startAgain();
  await eventually(
    () => fetchText(`${viewer.url.replace('ws:', 'http:').replace(/\/$/, '')}/healthz`),
    (answer) => answer.text.includes('"ok"'),
  );
  await viewer.say('again');
  await viewer.until(() => viewer.chats.length > 0);
  expect(viewer.texts).toEqual(['again']);
});

test('register for a room that cannot be read is unavailable after 10 s, the viewer stays where it was', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const viewer = await stage.viewer(await stage.server(redis));
  await viewer.join('lobby');
  await redis.kill9();
  viewer.register('unread');
  await viewer.until(() => viewer.errors.length === 1, 16_000);
  expect(viewer.errors[0]).toMatchObject({ code: 'unavailable' });
  await redis.startAgain();
  await viewer.say('where am I');
  expect(viewer.acks[0]?.chatId).toBe('lobby');
});

test('a full queue is answered with unavailable at once', async ({ stage }) => {
  const redis = await stage.redis();
  const server = await stage.server(redis, { 'message-bytes-max': '64KiB' });
  const viewers = await stage.viewers(40, server);
  await Promise.all(viewers.map((viewer, index) => viewer.join(`room ${index % 4}`)));
  redis.freeze();
  const text = 'q'.repeat(60_000);
  let rounds = 0;
  const refused = (): boolean => viewers.some((viewer) => viewer.errors.length > 0);
  const start = performance.now();
  // All of them together send more than any queue may hold.
  while (!refused() && performance.now() - start < 9000) {
    for (const viewer of viewers) if (rounds < 50) viewer.chat(text, { id: newId() });
    rounds += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  redis.thaw();
  const errors = viewers.flatMap((viewer) => viewer.errors);
  expect(errors.length).toBeGreaterThan(0);
  for (const error of errors) expect(error.code).toBe('unavailable');
  expect(viewers.filter((viewer) => viewer.closed !== undefined)).toEqual([]);
});

test('a Redis that hangs and recovers: each line once', async ({ stage }) => {
  const redis = await stage.redis();
  const [sender, reader] = [
    await stage.viewer(await stage.server(redis)),
    await stage.viewer(await stage.server(redis)),
  ];
  await sender.join('lobby');
  await reader.join('lobby');
  const talk = new Talker(sender, 3);
  await reader.until(() => reader.chats.length > 50);
  redis.freeze();
  const stuck = sender.acks.length;
  await new Promise((resolve) => setTimeout(resolve, 1000)); // how long it hangs is the case itself
  expect(sender.acks.length).toBeLessThan(stuck + 10);
  redis.thaw();
  await reader.until(() => reader.chats.length > stuck + 50);
  await talk.finish();
  await reader.until(() => reader.chats.length === talk.ids.length);
  expect(reader.chats.map((chat) => chat.id)).toEqual(talk.ids);
});

for (const [what, url] of [
  ['socket', 'unix:///nowhere/redis.sock'],
  ['port', 'redis://127.0.0.1:1'],
] as const) {
  test(`no Redis behind the ${what} at start: exit 1 and one sentence`, async ({ stage }) => {
    const server = stage.launch(url);
    expect(await server.child.exited()).toEqual({ code: 1, signal: null });
    expect(server.child.stdout).toBe('');
    expect(server.child.stderrLines).toHaveLength(1);
    expect(server.child.stderr).toContain('--redis');
  });
}

test('a Redis on a TCP port works like one on a socket', async ({ stage }) => {
  const redis = await stage.redis({ tcp: true });
  const server = stage.launch(redis.tcpUrl);
  await server.ready();
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  expect(await viewer.say('over TCP')).toBe(1);
});
