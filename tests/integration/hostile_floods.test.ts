// Floods beside those of limits.test.ts: what is no message at all counts too.
import { expect } from 'vitest';
import { continuation, ping, pong, text } from '../conformance/frames.ts';
import { closeCodeOf, rawClient, registerFrame, watchedServer } from './harness/hostile.ts';
import { MemoryWatch } from './harness/memory_watch.ts';
import { test } from './harness/stage.ts';

const begun = text('{', { final: false });
const floods = {
  pings: { start: Buffer.alloc(0), frame: ping('?') },
  pongs: { start: Buffer.alloc(0), frame: pong() },
  'empty messages': { start: Buffer.alloc(0), frame: text() },
  'empty fragments': { start: begun, frame: continuation('', { final: false }) },
  registers: { start: Buffer.alloc(0), frame: registerFrame('lobby') },
} as const;

for (const [what, { start, frame }] of Object.entries(floods)) {
  test(`a flood of ${what} is closed with 4503`, async ({ stage }) => {
    const server = await watchedServer(stage, { 'rate-limit': '20/30s' });
    const other = await stage.viewer(server);
    await other.join('lobby');
    const memory = new MemoryWatch(server);
    for (let i = 0; i < 5; i += 1) {
      const client = await rawClient(stage, server);
      client.send(start, ...Array.from({ length: 2000 }, () => frame));
      expect(await closeCodeOf(client)).toBe(4503);
      client.destroy();
    }
    expect(await other.say('undisturbed')).toBe(1);
    memory.expectFlat(2);
  });
}
