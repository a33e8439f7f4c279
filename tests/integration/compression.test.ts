// The coalesced form compressed: once for all who agreed to it, and readable by each.
import { expect } from 'vitest';
import { metric } from './harness/hostile.ts';
import type { ChatServer } from './harness/server.ts';
import { test } from './harness/stage.ts';
import { eventually } from './harness/wait.ts';

const lines = Array.from(
  { length: 600 },
  (_, i) => `line ${i}: that was the best goal of the evening, what a match ${i * 7919}`,
);

const deflated = async (server: ChatServer): Promise<{ from: number; to: number }> => ({
  from: await metric(server, 'spillway_deflate_in_bytes_total'),
  to: await metric(server, 'spillway_deflate_out_bytes_total'),
});

/** Until the page, which is a second old at most, tells of so many deliveries. */
async function untilTold(server: ChatServer, deliveries: number): Promise<void> {
  await eventually(
    () => metric(server, 'spillway_deliveries_total'),
    (count) => count >= deliveries,
  );
}

for (const io of ['send', 'auto']) {
  test(`who agreed to permessage-deflate gets the same in fewer bytes, --io ${io}`, async ({
    stage,
  }) => {
    const server = await stage.server(await stage.redis(), { io });
    const compressed = await stage.viewers(60, server, { batch: true, deflate: true });
    const batched = await stage.viewer(server, { batch: true });
    const plain = await stage.viewer(server, { deflate: true });
    const all = [...compressed, batched, plain];
    for (const viewer of all) await viewer.join('lobby');
    await plain.sayAll(lines, 300);
    for (const viewer of all) {
      await viewer.until(() => viewer.position?.seq === lines.length);
      expect(viewer.texts).toEqual(lines);
    }
    // The page is a second old at most.
    const { from, to } = await eventually(
      () => deflated(server),
      (bytes) => bytes.from > batched.bytesRead / 2,
    );
    expect(to).toBeLessThan(from / 2);
    // Once for all, so no more than one viewer has had.
    expect(from).toBeLessThan(batched.bytesRead);
    for (const viewer of compressed) expect(viewer.bytesRead).toBeLessThan(batched.bytesRead);
  });
}

test('the plain form is never compressed', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const viewers = await stage.viewers(60, server, { deflate: true });
  for (const viewer of viewers) await viewer.join('lobby');
  await viewers[0]?.sayAll(lines, 300);
  for (const viewer of viewers) await viewer.until(() => viewer.position?.seq === lines.length);
  await untilTold(server, viewers.length * lines.length);
  expect(await deflated(server)).toEqual({ from: 0, to: 0 });
});

test('a room so quiet that it is not worth it is not compressed', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const viewers = await stage.viewers(3, server, { batch: true, deflate: true });
  for (const viewer of viewers) await viewer.join('lobby');
  for (const line of lines.slice(0, 10)) await viewers[0]?.say(line);
  await untilTold(server, viewers.length * 10);
  expect(await deflated(server)).toEqual({ from: 0, to: 0 });
});
