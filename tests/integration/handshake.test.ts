// What the opening handshake agrees on.
import { expect } from 'vitest';
import { test } from './harness/stage.ts';
import { batchProtocol } from './harness/viewer.ts';

test('the welcome names this server and the time', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const before = Date.now();
  const viewer = await stage.viewer(server);
  expect(viewer.welcome?.server).toBe(server.id);
  expect(viewer.welcome?.connected_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(Date.parse(viewer.welcome?.connected_at ?? '')).toBeGreaterThanOrEqual(before - 1);
  expect(Date.parse(viewer.welcome?.connected_at ?? '')).toBeLessThanOrEqual(Date.now() + 1);
});

test('spillway.batch.v1 is agreed on among other offers, in any place', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  for (const protocols of [
    [batchProtocol],
    ['spillway.batch.v9', batchProtocol],
    [batchProtocol, 'chat'],
  ]) {
    const viewer = await stage.viewer(server, { protocols });
    expect(viewer.protocol).toBe(batchProtocol);
    await viewer.join('lobby');
    await viewer.say('in an array');
    await viewer.until(() => viewer.chats.length > 0);
  }
});

test('without an offer there is no subprotocol and the plain form', async ({ stage }) => {
  const viewer = await stage.viewer(await stage.server(await stage.redis()));
  expect(viewer.responseHeaders['sec-websocket-protocol']).toBeUndefined();
  await viewer.join('lobby');
  await viewer.say('plain');
  await viewer.until(() => viewer.chats.length > 0);
  expect(new Set(viewer.frameMessages)).toEqual(new Set([1]));
});

test('permessage-deflate is answered with both no-context-takeover parameters', async ({
  stage,
}) => {
  const viewer = await stage.viewer(await stage.server(await stage.redis()), { deflate: true });
  const [name, ...parameters] = viewer.extensions.split(/\s*;\s*/);
  expect(name).toBe('permessage-deflate');
  expect(parameters).toContain('server_no_context_takeover');
  expect(parameters).toContain('client_no_context_takeover');
});

test('without an offer nothing is compressed', async ({ stage }) => {
  const viewer = await stage.viewer(await stage.server(await stage.redis()));
  expect(viewer.extensions).toBe('');
});

for (const batch of [false, true]) {
  test(`compressed client messages are understood, ${batch ? 'batch' : 'plain'} form`, async ({
    stage,
  }) => {
    const server = await stage.server(await stage.redis());
    const compressing = await stage.viewer(server, { deflate: true, batch });
    const other = await stage.viewer(server, { batch });
    await compressing.join('lobby');
    await other.join('lobby');
    const texts = Array.from({ length: 100 }, (_, i) => `${i}: ${'abcäöü '.repeat(i % 40)}`);
    await compressing.sayAll(texts);
    for (const viewer of [compressing, other]) {
      await viewer.until(() => viewer.chats.length === 100);
      expect(viewer.texts).toEqual(texts);
    }
  });
}
