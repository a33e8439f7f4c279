// A viewer who does not read: it alone pays, and is told exactly what it missed.
import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { test, type Stage } from './harness/stage.ts';
import type { Viewer, ViewerOptions } from './harness/viewer.ts';

// 18 MB that hardly can be compressed: more than the kernel keeps for one connection.
const text = randomBytes(15_000).toString('hex');
const count = 600;
const step = 10;

async function flood(stage: Stage, flags: Record<string, string | number>, options: ViewerOptions) {
  const server = await stage.server(await stage.redis(), {
    'message-bytes-max': '64KiB',
    'history-messages': 5,
    'history-window': '0s',
    'history-bytes-max': '1MiB',
    ...flags,
  });
  const slow = await stage.viewer(server, options);
  const [sender, other] = [await stage.viewer(server), await stage.viewer(server)];
  for (const viewer of [slow, sender, other]) await viewer.join('lobby');
  slow.pause();
  // No faster than `other` reads: it must not fall out of so short a history itself.
  for (let said = 0; said < count; said += step) {
    await sender.sayAll(Array.from({ length: step }, (_, i) => `${said + i} ${text}`));
    await other.until(() => other.chats.length === said + step);
  }
  expect(other.gaps).toEqual([]);
  return { slow, sender };
}

function coverage(viewer: Viewer): number {
  return viewer.chats.length + viewer.gaps.reduce((sum, gap) => sum + gap.to - gap.from + 1, 0);
}

const forms: readonly (readonly [string, ViewerOptions])[] = [
  ['plain', {}],
  ['batch', { batch: true }],
  ['compressed', { batch: true, deflate: true }],
];

for (const [name, options] of forms) {
  test(`a slow viewer gets a gap for what left the history, then goes on, ${name} form`, async ({
    stage,
  }) => {
    const { slow, sender } = await flood(stage, {}, options);
    slow.resume();
    await slow.until(() => coverage(slow) === count);
    expect(slow.gaps.length).toBeGreaterThan(0);
    await sender.say('after the gap');
    await slow.until(() => slow.texts.at(-1) === 'after the gap');
    expect(slow.position?.seq).toBe(count + 1); // the journal checked that nothing overlaps
  });
}

test('with --slow-viewer close the slow viewer is closed with 4000', async ({ stage }) => {
  const { slow } = await flood(stage, { 'slow-viewer': 'close' }, {});
  slow.resume();
  expect(await slow.untilClosed()).toBe(4000);
});
