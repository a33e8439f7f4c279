// Periods that the protocol fixes: side by side, since each of them is mostly waiting.
import { expect } from 'vitest';
import { test } from '../harness/stage.ts';

test.concurrent(
  'a viewer that hears nothing for 25 s is told the viewers count, and pinged',
  async ({ stage }) => {
    const server = await stage.server(await stage.redis());
    const viewers = [await stage.viewer(server), await stage.viewer(server, { batch: true })];
    for (const [index, viewer] of viewers.entries()) await viewer.join(`quiet ${index}`);
    const start = performance.now();
    await Promise.all(
      viewers.map(async (viewer) => {
        const before = viewer.told.length;
        await viewer.until(
          () => viewer.told.length > before + 1 || viewer.viewerCounts.length > 1,
          58_000,
        );
        expect(viewer.viewerCounts.at(-1)?.viewers).toBe(1);
        await viewer.until(() => viewer.pings > 0, 40_000);
      }),
    );
    expect(performance.now() - start).toBeLessThan(60_000);
    for (const viewer of viewers) expect(viewer.closed).toBeUndefined(); // `ws` answered the pings
  },
);

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
