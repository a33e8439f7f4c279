// Clients that begin something and then say nothing. Side by side, since the periods are fixed.
import { expect } from 'vitest';
import { newKey, upgradeRequest, type RawClient } from '../conformance/raw_client.ts';
import { metric, tcpClient, watchedServer } from './harness/hostile.ts';
import { MemoryWatch } from './harness/memory_watch.ts';
import { openDescriptors } from './harness/process_size.ts';
import { test } from './harness/stage.ts';
import { eventually } from './harness/wait.ts';

test.concurrent(
  '1,000 half-open connections hinder nobody, and are ended after 10 s',
  async ({ stage }) => {
    const server = await watchedServer(stage);
    const first = await stage.viewer(server);
    await first.join('lobby');
    const before = openDescriptors(server.child.pid);
    const memory = new MemoryWatch(server);
    const request = upgradeRequest(newKey());
    const begun = performance.now();
    const halfOpen: RawClient[] = Array.from({ length: 1000 }, (_, i) => {
      const client = tcpClient(stage, server);
      if (i % 4 === 1) client.write(Buffer.from(request.slice(0, 1)));
      if (i % 4 === 2) client.write(Buffer.from(request.slice(0, request.length / 2)));
      if (i % 4 === 3) client.write(Buffer.from(request.slice(0, -1)));
      return client;
    });
    await eventually(
      () => openDescriptors(server.child.pid),
      (count) => count === before + 1000,
    );
    const second = await stage.viewer(server);
    expect(await second.join('lobby')).toMatchObject({ viewers: 2 });
    await second.say('among the silent');
    await first.until(() => first.texts.includes('among the silent'));

    for (const client of halfOpen) await client.ended(15_000);
    expect(performance.now() - begun).toBeGreaterThan(9_000);
    for (const client of halfOpen) expect(client.answer).toBeUndefined();
    await eventually(
      () => openDescriptors(server.child.pid),
      (count) => count === before + 1,
    );
    await eventually(
      () => metric(server, 'spillway_handshakes_timed_out_total'),
      (count) => count === 1000,
    );
    memory.expectFlat(12); // a kilobyte or two each, while they last
    expect(await second.say('they are gone')).toBe(2);
  },
);

test.concurrent(
  'a request that trickles in has no more time than one that does not',
  async ({ stage }) => {
    const server = await watchedServer(stage);
    const client = tcpClient(stage, server);
    const request = Buffer.from(upgradeRequest(newKey(), { headers: [`X: ${'x'.repeat(7000)}`] }));
    const begun = performance.now();
    let at = 0;
    const drip = setInterval(() => client.write(request.subarray(at, ++at)), 100);
    stage.onEnd(() => clearInterval(drip));
    await client.ended(15_000);
    expect(performance.now() - begun).toBeGreaterThan(9_000);
    expect(client.answer).toBeUndefined();
  },
);

test.concurrent(
  'the 4,000 rooms that a viewer walks through are given back, and their memory used again',
  async ({ stage }) => {
    const server = await watchedServer(stage);
    const viewer = await stage.viewer(server);
    const walk = async (name: string): Promise<void> => {
      for (let from = 0; from < 4000; from += 16) {
        const before = viewer.registered.length;
        for (let i = from; i < from + 16; i += 1) viewer.register(`${name} ${i}`);
        await viewer.until(() => viewer.registered.length === before + 16);
      }
    };
    await walk('first');
    await eventually(
      () => metric(server, 'spillway_rooms'),
      (rooms) => rooms === 1,
      30_000,
    );
    const memory = new MemoryWatch(server);
    await walk('second');
    memory.expectFlat(2);
    expect(viewer.errors).toEqual([]);
  },
);
