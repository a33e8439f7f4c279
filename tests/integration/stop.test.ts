// SIGTERM and the drain by order: nobody loses anything, nothing is left behind.
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { fetchText } from './harness/balancer.ts';
import { logEntries } from './harness/redis.ts';
import { test } from './harness/stage.ts';
import { newId } from './harness/viewer.ts';
import { eventually } from './harness/wait.ts';

const clean = { code: 0, signal: null };

test('SIGTERM under load: viewers move on and read every line once, what was accepted is acked', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const [leaving, staying] = [await stage.server(redis), await stage.server(redis)];
  let target = leaving.url;
  const followers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      stage.follower({ room: 'lobby', pick: () => target, batch: index % 2 === 0 }),
    ),
  );
  const talkers = followers.slice(0, 5);
  const talk = async (): Promise<void> => {
    for (let line = 0; line < 200; line += 1) {
      await Promise.all(
        talkers.map(async (talker) => {
          talker.say(`line ${line}`);
          await talker.until(() => talker.unanswered < 4, 30_000);
        }),
      );
    }
  };
  const talking = stage.beside(talk());
  await Promise.all(followers.map((follower) => follower.until(() => follower.lines.length > 100)));
  target = staying.url;
  const stopped = stage.beside(leaving.stop());
  await Promise.all(
    followers.map((follower) => follower.until(() => follower.url === staying.url, 15_000)),
  );
  expect(await stopped).toEqual(clean);
  await talking;
  await Promise.all(
    followers.map((follower) => follower.until(() => follower.lines.length === 1000, 30_000)),
  );
  for (const follower of followers) {
    expect(follower.texts).toEqual(followers[0]?.texts);
    expect(follower.redistributed).toBeGreaterThan(0);
    expect(follower.unrecovered).toBe(0);
  }
  expect(await client.exists(`server:${leaving.id}`)).toBe(0);
  expect(await client.zScore('servers:clients', leaving.id)).toBeNull();
});

test('viewers who stay are told within 10 s and closed with 4001 at 20 s', async ({ stage }) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const server = await stage.server(redis);
  const viewers = await stage.viewers(20, server);
  await Promise.all(viewers.map((viewer) => viewer.join('lobby')));
  const start = performance.now();
  const elapsed = (): number => performance.now() - start;
  const stopped = stage.beside(server.stop());
  await Promise.all(
    viewers.map((viewer) => viewer.until(() => viewer.redistributes.length > 0, 15_000)),
  );
  expect(elapsed()).toBeLessThan(10_500);
  await eventually(
    () => client.hGet(`server:${server.id}`, 'status'),
    (status) => status === 'draining',
  );
  await expect(stage.viewer(server)).rejects.toThrow(/closed|503/); // no new viewers
  const last = viewers[0];
  await last?.say('still heard'); // a draining server serves those who are here
  for (const viewer of viewers) expect(await viewer.untilClosed(25_000)).toBe(4001);
  expect(elapsed()).toBeGreaterThan(15_000);
  expect(await stopped).toEqual(clean);
  expect(elapsed()).toBeLessThan(25_500);
  expect(await client.exists(`server:${server.id}`)).toBe(0);
  expect(await client.zRange('servers:clients', 0, -1)).toEqual([]);
});

test('every chat that got into the server before the stop is published', async ({ stage }) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const server = await stage.server(redis);
  const viewers = await stage.viewers(10, server);
  await Promise.all(viewers.map((viewer) => viewer.join('lobby')));
  const ids = viewers.map((viewer) =>
    Array.from({ length: 20 }, () => {
      const id = newId();
      viewer.chat('on the way', { id });
      return id;
    }),
  );
  server.child.signal('SIGTERM');
  await Promise.all(
    viewers.map((viewer, index) =>
      viewer.until(
        () => (ids[index] ?? []).every((id) => viewer.answerTo(id) !== undefined),
        20_000,
      ),
    ),
  );
  expect(viewers.flatMap((viewer) => viewer.acks)).toHaveLength(200);
  const log = await logEntries(client, 'room:{lobby}:log');
  const logged = log.map(({ batch }) => batch.toString()).join('\n');
  for (const id of ids.flat()) expect(logged).toContain(`"${id}"`);
});

test('a second signal ends it at once with 1001', async ({ stage }) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const server = await stage.server(redis);
  const viewers = await stage.viewers(3, server);
  await Promise.all(viewers.map((viewer) => viewer.join('lobby')));
  server.child.signal('SIGTERM');
  await eventually(
    () => fetchText(`${server.httpUrl}/healthz`),
    ({ status }) => status === 503,
  );
  server.child.signal('SIGTERM');
  for (const viewer of viewers) expect(await viewer.untilClosed(3000)).toBe(1001);
  const exit = await server.child.exited(5000);
  expect(exit.signal).toBeNull();
  expect(await client.exists(`server:${server.id}`)).toBe(0);
});

test('SIGINT stops like SIGTERM', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  server.child.signal('SIGINT');
  expect(await server.child.exited(5000)).toEqual(clean);
});

test('a stop without viewers takes no time', async ({ stage }) => {
  const server = await stage.server(await stage.redis(), { threads: 2 });
  expect(await server.stop(3000)).toEqual(clean);
});

test('a stop while Redis is slow waits for it, and leaves nothing there', async ({ stage }) => {
  const redis = await stage.redis();
  const server = await stage.server(redis);
  const client = await redis.client();
  redis.freeze();
  server.child.signal('SIGTERM');
  await delay(3000); // how long it hangs is the case itself
  expect(server.child.exit).toBeUndefined();
  redis.thaw();
  expect(await server.child.exited()).toEqual(clean);
  expect(await client.exists(`server:${server.id}`)).toBe(0);
});

test('a stop while Redis is away says how many messages were not published, exit 1', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const server = await stage.server(redis);
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  await redis.kill9();
  await eventually(
    () => fetchText(`${server.httpUrl}/healthz`),
    (answer) => answer.text.includes('degraded'),
  );
  for (let i = 0; i < 3; i += 1) viewer.chat('never', { id: newId() });
  viewer.send({ type: 'nonsense' }); // its answer says that the three are in
  await viewer.until(() => viewer.errors.some((error) => error.code === 'unknown_type'));
  server.child.signal('SIGTERM');
  await eventually(
    () => fetchText(`${server.httpUrl}/healthz`),
    ({ status }) => status === 503,
  );
  server.child.signal('SIGTERM'); // does not wait for Redis any more
  expect(await server.child.exited(5000)).toEqual({ code: 1, signal: null });
  const sentences = server.child.stderrLines.filter((line) => line.startsWith('spillway'));
  expect(sentences).toHaveLength(1);
  expect(sentences[0]).toMatch(/\b3\b/);
});

test('a drain by order ends within --drain-timeout', async ({ stage }) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const server = await stage.server(redis, { 'drain-timeout': '2s' });
  const viewers = await stage.viewers(5, server);
  await Promise.all(viewers.map((viewer) => viewer.join('lobby')));
  await client.publish(server.id, '{"type":"drain"}');
  await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.redistributes.length > 0)));
  for (const viewer of viewers) expect(await viewer.untilClosed(5000)).toBe(4001);
  expect(await server.child.exited(5000)).toEqual(clean);
  expect(await client.exists(`server:${server.id}`)).toBe(0);
});

test('a drain is over as soon as the last viewer has left', async ({ stage }) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const [server, other] = [
    await stage.server(redis, { 'drain-timeout': '10s' }),
    await stage.server(redis),
  ];
  let target = server.url;
  const followers = await Promise.all(
    Array.from({ length: 5 }, () => stage.follower({ room: 'lobby', pick: () => target })),
  );
  target = other.url;
  await client.publish(server.id, '{"type":"drain"}');
  await Promise.all(followers.map((f) => f.until(() => f.url === other.url, 15_000)));
  expect(await server.child.exited(5000)).toEqual(clean);
});
