// What ends a connection: too large, binary, not UTF-8, too much of it.
import { expect } from 'vitest';
import { test } from './harness/stage.ts';

test('a WebSocket message beyond 6 × --message-bytes-max + 8 KiB is closed with 1009', async ({
  stage,
}) => {
  const server = await stage.server(await stage.redis(), { 'message-bytes-max': '1KiB' });
  const largest = 6 * 1024 + 8 * 1024;
  const viewer = await stage.viewer(server);
  viewer.sendText('x'.repeat(largest));
  await viewer.until(() => viewer.errors.length === 1);
  expect(viewer.errors[0]?.code).toBe('bad_request');
  viewer.sendText('x'.repeat(largest + 1));
  expect(await viewer.untilClosed()).toBe(1009);
});

test('the limit holds for what a compressed message becomes', async ({ stage }) => {
  const server = await stage.server(await stage.redis(), { 'message-bytes-max': '1KiB' });
  const viewer = await stage.viewer(server, { deflate: true, batch: true });
  viewer.sendText('x'.repeat(1_000_000)); // about 1 KiB on the wire
  expect(await viewer.untilClosed()).toBe(1009);
});

test('a binary message is closed with 1003', async ({ stage }) => {
  const viewer = await stage.viewer(await stage.server(await stage.redis()));
  viewer.sendBinary(Buffer.from('{"type":"register","payload":{"chatId":"lobby"}}'));
  expect(await viewer.untilClosed()).toBe(1003);
});

for (const [what, flood] of [
  ['frames', 'x'],
  ['bytes', 'x'.repeat(10_000)],
] as const) {
  test(`a flood of ${what} is closed with 4503 and disturbs nobody else`, async ({ stage }) => {
    const server = await stage.server(await stage.redis(), { 'rate-limit': '20/30s' });
    const [flooder, other] = [await stage.viewer(server), await stage.viewer(server)];
    await other.join('lobby');
    await flooder.join('lobby');
    let sent = 0;
    while (flooder.closed === undefined && sent < 100_000_000) {
      for (let i = 0; i < 100; i += 1) flooder.sendText(flood);
      sent += 100 * flood.length;
      await new Promise((resolve) => setImmediate(resolve)); // lets the close come in
    }
    expect(await flooder.untilClosed()).toBe(4503);
    expect(await other.say('undisturbed')).toBe(1);
  });
}
