// Redis behind Sentinel: who is the master changes, and the fleet goes along.
import { expect } from 'vitest';
import { SentinelFleet, untilRole } from './harness/sentinel.ts';
import { test, type Stage } from './harness/stage.ts';
import { Talker } from './harness/talker.ts';
import type { Viewer } from './harness/viewer.ts';
import { eventually } from './harness/wait.ts';
import { logEntries } from './harness/redis.ts';

const failOverLimitMs = 20_000;

async function sentinelFleet(stage: Stage): Promise<SentinelFleet> {
  const fleet = await SentinelFleet.start();
  stage.onEnd(() => fleet.close());
  return fleet;
}

for (const how of ['the master is killed', 'an operator orders it'] as const) {
  test(`fail-over under load, ${how}: no acknowledged line of a living epoch is lost`, async ({
    stage,
  }) => {
    const redis = await sentinelFleet(stage);
    const servers = [stage.launch(redis.url), stage.launch(redis.url, { threads: 2 })];
    const viewers: Viewer[] = [];
    for (const server of servers) {
      await server.ready();
      viewers.push(...(await stage.viewers(5, server)));
    }
    await Promise.all(viewers.map((viewer) => viewer.join('lobby')));
    const talkers = viewers.filter((_, index) => index % 5 === 0);
    const talks = talkers.map((talker) => new Talker(talker, 3));
    await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.chats.length > 50)));

    if (how === 'the master is killed') await redis.failOver();
    else await redis.orderFailOver();
    // A new epoch, unasked.
    const told = viewers.map((viewer) =>
      viewer.until(() => viewer.registered.length > 1, failOverLimitMs),
    );
    await Promise.all(told);
    const before = viewers.map((viewer) => viewer.chats.length);
    await Promise.all(
      viewers.map((viewer, i) =>
        viewer.until(() => viewer.chats.length > (before[i] ?? 0) + 20, failOverLimitMs),
      ),
    );
    await Promise.all(talks.map((talk) => talk.finish()));
    const last = await viewers[0]?.say('the last');
    for (const viewer of viewers) {
      await viewer.until(() => viewer.position?.seq === last);
      expect(viewer.registered.at(-1)?.epoch).not.toBe(viewer.registered[0]?.epoch);
      expect(viewer.registered.at(-1)).toHaveProperty('recovered');
      expect(viewer.closed).toBeUndefined();
      // Who is told that something may be lost gets the newest history once more.
      if (viewer.registered.at(-1)?.recovered !== true) continue;
      const seen = viewer.chats.map((chat) => chat.id);
      expect(new Set(seen).size).toBe(seen.length);
    }
    // What the log of the new master has, all have, but for who was told that something may be lost:
    // they have what came after the seq that they were told. Each server changes masters at its own
    // moment, so more than the newest history may have been said at the new one before.
    const log = await logEntries(await redis.replica.client(), 'room:{lobby}:log');
    const kept = new Map<string, number>();
    for (const { id, batch } of log) {
      const lines = batch.toString().split('\n').slice(1);
      for (const [i, line] of lines.entries()) {
        kept.set((JSON.parse(line) as { id: string }).id, Number.parseInt(id, 10) + i);
      }
    }
    for (const viewer of viewers) {
      const seen = new Set(viewer.chats.map((chat) => chat.id));
      const wholeAfter =
        viewer.registered.findLast(({ recovered }) => recovered === false)?.seq ?? 0;
      const missing = [...kept].filter(([id, seq]) => seq > wholeAfter && !seen.has(id));
      expect(missing).toEqual([]);
    }
    const recovered = viewers.every((viewer) => viewer.registered.at(-1)?.recovered === true);
    if (recovered) {
      for (const ack of talkers.flatMap((talker) => talker.acks))
        expect([...kept.keys()]).toContain(ack.id);
    }
  });
}

test('a master that hangs, and breaks no connection, is left for the new one', async ({
  stage,
}) => {
  const redis = await sentinelFleet(stage);
  const server = stage.launch(redis.url);
  await server.ready();
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  await viewer.say('before');
  await redis.hangMaster();
  await redis.untilPromoted();
  viewer.chat('after', { id: 'after' });
  await viewer.until(() => viewer.answerTo('after') !== undefined, failOverLimitMs);
  expect(viewer.answerTo('after')).toHaveProperty('seq');
  await viewer.until(() => viewer.texts.at(-1) === 'after');
  redis.master.thaw(); // and Sentinel makes it a replica
  await untilRole(redis.master, 'slave');
  await viewer.say('still here');
  expect(await (await redis.replica.client()).hGet('room:{lobby}:meta', 'seq')).toBe('3');
});

test('a balancer goes along, and the counts are right on the new master', async ({ stage }) => {
  const redis = await sentinelFleet(stage);
  const server = stage.launch(redis.url);
  await server.ready();
  const balancer = await stage.balancer(redis.master, { 'servers-min': 0, redis: redis.url });
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  const provisioned = async (): Promise<string> =>
    (await fetch(`${balancer.url}/servers/provision`)).text();
  await eventually(provisioned, (answer) => answer.includes(server.id));
  await redis.failOver();
  const client = await redis.replica.client();
  await eventually(
    () => client.zScore('chat-rooms:clients', 'lobby'),
    (count) => count === 1,
    failOverLimitMs,
  );
  await eventually(
    async () => (await fetch(`${balancer.url}/healthz`)).text(),
    (answer) => answer.includes('"ok"'),
    failOverLimitMs,
  );
  await eventually(provisioned, (answer) => answer.includes(server.id), failOverLimitMs);
});

test('no Sentinel that knows the master: exit 1 and one sentence', async ({ stage }) => {
  const server = stage.launch('redis+sentinel://127.0.0.1:1,127.0.0.1:2/main');
  expect(await server.child.exited()).toEqual({ code: 1, signal: null });
  expect(server.child.stderrLines).toHaveLength(1);
  expect(server.child.stderr).toContain(
    "no Sentinel of 127.0.0.1:1,127.0.0.1:2 knows the master 'main'",
  );
  expect(server.child.stderr).toContain('--redis');
});
