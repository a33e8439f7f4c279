// Periods that the protocol fixes: side by side, since each of them is mostly waiting.
import { expect } from 'vitest';
import { test } from '../harness/stage.ts';

for (const batch of [false, true]) {
  test.concurrent(
    `a viewer that hears nothing for 25 s is told the count, and pinged, ${batch ? 'batch' : 'plain'} form`,
    async ({ stage }) => {
      const viewer = await stage.viewer(await stage.server(await stage.redis()), { batch });
      await viewer.join('quiet');
      let heard = performance.now();
      for (let silence = 0; silence < 20_000;) {
        const told = viewer.told.length; // at first, a late count of the join may come
        await viewer.until(() => viewer.told.length > told, 30_000);
        expect(viewer.told.at(-1)).toMatchObject({ type: 'viewers', payload: { viewers: 1 } });
        silence = performance.now() - heard;
        expect(silence).toBeLessThan(25_500);
        heard += silence;
      }
      await viewer.until(() => viewer.pings > 0, 30_000);
      expect(viewer.closed).toBeUndefined(); // `ws` answers the pings
    },
  );
}

test.concurrent('a viewer that answers no ping is closed with 4002', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const viewer = await stage.viewer(server, { deaf: true });
  await viewer.join('lobby');
  expect(await viewer.untilClosed(50_000)).toBe(4002);
  expect(viewer.pings).toBe(1);
});

test.concurrent(
  'a viewer that was told to leave and stays is closed with 4001 after 30 s',
  async ({ stage }) => {
    const redis = await stage.redis();
    const client = await redis.client();
    const viewer = await stage.viewer(await stage.server(redis));
    await viewer.join('lobby');
    await client.publish(
      viewer.welcome?.server ?? '',
      '{"type":"redistribute","n":1,"targets":[]}',
    );
    await viewer.until(() => viewer.redistributes.length > 0);
    const start = performance.now();
    await viewer.say('not gone yet');
    expect(await viewer.untilClosed(45_000)).toBe(4001);
    const waited = performance.now() - start;
    expect(waited).toBeGreaterThan(28_000);
    expect(waited).toBeLessThan(46_000);
  },
);
