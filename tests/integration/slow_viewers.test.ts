// Many viewers that do not read, among many who do.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { metric, watchedServer } from './harness/hostile.ts';
import { Load } from './harness/load.ts';
import { MemoryWatch } from './harness/memory_watch.ts';
import { test, type Stage } from './harness/stage.ts';

/** One viewer in five takes a byte every quarter of a second, out of a window of a few KiB. */
const scenario = `
chatters = 1000
interval = "2s-6s"
size = 700
stagger = "1ms"
duration = "6s"
drain = "5s"

[slow]
viewers = "20%"
read = "1B"
`;

function scenarioFile(stage: Stage): string {
  const directory = mkdtempSync(join(tmpdir(), 'spillway-slow-'));
  stage.onEnd(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'slow.toml');
  writeFileSync(file, scenario);
  return file;
}

for (const io of ['send', 'auto']) {
  test(`200 viewers that are stuck among 1,000 hold nobody up and cost no memory, --io ${io}`, async ({
    stage,
  }) => {
    // Less than a second of the room is kept, so that the ring's tail soon passes those who are stuck, most of
    // them in the middle of a frame.
    const server = await watchedServer(stage, {
      io,
      'history-messages': 100,
      'history-window': '0s',
    });
    const memory = new MemoryWatch(server);
    const load = new Load({ server: server.url, scenario: scenarioFile(stage) });
    stage.onEnd(() => load.close());
    const result = await load.result();

    expect(result).toMatchObject({ viewers: 1000, duplicates: 0, out_of_order: 0, failures: 0 });
    expect(result.lost).toBe(0); // of the 800
    // Those who are stuck do not read that they were heard; the other four in five do.
    expect(result.acked / result.sent).toBeGreaterThan(0.78);
    // Some are stuck at the answer to a line of theirs instead.
    expect(await metric(server, 'spillway_short_writes_total')).toBeGreaterThan(150);
    // Whoever waited for one of them would wait for ever.
    expect(result.latency_ms.max).toBeLessThan(5000);
    memory.expectFlat(24);
  });
}
