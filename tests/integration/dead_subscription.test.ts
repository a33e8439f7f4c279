// A subscription that died without a word: nobody tells the server, and its room is quiet.
import { expect } from 'vitest';
import { fetchText } from './harness/balancer.ts';
import { ForgetfulProxy } from './harness/forgetful_proxy.ts';
import { test } from './harness/stage.ts';
import { eventually } from './harness/wait.ts';

// How soon it is found is what is promised: 30 s, whatever the machine.
const found = 32_000;

test('what a dead subscription did not bring comes within 30 s, and the next line at once', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const proxy = await ForgetfulProxy.start(redis.socket);
  stage.onEnd(() => proxy.close());
  const server = stage.launch(proxy.url);
  await server.ready();
  const [talker, deaf, elsewhere] = [
    await stage.viewer(await stage.server(redis)),
    await stage.viewer(server),
    await stage.viewer(server),
  ];
  await talker.join('lobby');
  await deaf.join('lobby');
  await elsewhere.join('elsewhere');
  await talker.say('heard');
  await deaf.until(() => deaf.texts.length === 1);

  proxy.forget('room:{lobby}');
  const start = performance.now();
  await talker.sayAll(['lost', 'on the way']);
  expect(proxy.dropped).toBeGreaterThan(0);
  await deaf.until(() => deaf.texts.length === 3, found);
  expect(performance.now() - start).toBeLessThan(30_000);
  expect(deaf.texts).toEqual(['heard', 'lost', 'on the way']);
  expect(deaf.gaps).toEqual([]);
  // Subscribed anew: what follows comes by itself.
  await deaf.until(() => proxy.subscribed.get('room:{lobby}') === 2);
  const dropped = proxy.dropped;
  await talker.say('heard again');
  await deaf.until(() => deaf.texts.length === 4);
  expect(proxy.dropped).toBe(dropped);
  expect(deaf.registered).toHaveLength(1);
  // Nothing was done to a room that missed nothing.
  expect(proxy.subscribed.get('room:{elsewhere}')).toBe(1);
  await eventually(
    () => fetchText(`${server.httpUrl}/metrics`),
    (page) => page.text.includes('spillway_dead_subscriptions_total 1\n'),
  );
}, 60_000);
