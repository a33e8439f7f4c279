// Where io_uring is forbidden, as in many containers, nothing is missing but its speed.
import { expect } from 'vitest';
import { test } from './harness/stage.ts';

/** What a container may refuse: to make a ring, or to use one. By their numbers, all machines'. */
const refusals = { io_uring_setup: 425, io_uring_enter: 426 };

for (const [name, number] of Object.entries(refusals)) {
  const withoutCall = number;
  test(`--io auto falls back to send where ${name} is forbidden, and says so once`, async ({
    stage,
  }) => {
    const redis = await stage.redis();
    const server = await stage.server(redis, { io: 'auto', threads: 2 }, { withoutCall });
    const viewers = await stage.viewers(10, server, { batch: true });
    for (const viewer of viewers) await viewer.join('lobby');
    await viewers[0]?.sayAll(Array.from({ length: 50 }, (_, i) => `line ${i}`));
    for (const viewer of viewers) await viewer.until(() => viewer.position?.seq === 50);
    const said = server.child.stderrLines.filter((line) => line.includes('io_uring'));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('send');
  });

  test(`--io uring does not start where ${name} is forbidden, and names the mend`, async ({
    stage,
  }) => {
    const redis = await stage.redis();
    const server = stage.launch(redis.url, { io: 'uring' }, { withoutCall });
    expect(await server.child.exited()).toEqual({ code: 1, signal: null });
    expect(server.child.stderrLines).toHaveLength(1);
    expect(server.child.stderr).toContain('--io auto');
  });
}

test('the log says what writes', async ({ stage }) => {
  const redis = await stage.redis();
  const server = await stage.server(redis, { io: 'send' });
  await server.child.until(() => /listening.*io=send/.test(server.child.stderr));
});
