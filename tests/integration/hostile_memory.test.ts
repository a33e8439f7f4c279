// What tries to make the server keep much: declared lengths, bombs, endless messages, and not
// reading what was asked for.
import { expect } from 'vitest';
import { connect } from 'node:net';
import { constants, deflateRawSync } from 'node:zlib';
import {
  close,
  continuation,
  fragments,
  opcodes,
  pieces,
  rsv1,
  text,
} from '../conformance/frames.ts';
import { newKey, upgradeRequest, type RawClient } from '../conformance/raw_client.ts';
import {
  closeCodeOf,
  inParallel,
  messageLimit,
  metric,
  rawClient,
  registerFrame,
  watchedServer,
} from './harness/hostile.ts';
import { MemoryWatch } from './harness/memory_watch.ts';
import { openDescriptors } from './harness/process_size.ts';
import { test } from './harness/stage.ts';
import { eventually } from './harness/wait.ts';

const deflated = (data: Buffer): Buffer =>
  deflateRawSync(data, { level: 9, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

test('200 messages of which 6 MiB each are declared, and a few bytes come, cost what came', async ({
  stage,
}) => {
  const server = await watchedServer(stage, { 'message-bytes-max': '1MiB' });
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  const before = openDescriptors(server.child.pid);
  const declared = BigInt(6 * 1024 * 1024);
  const waiting: RawClient[] = [];
  await inParallel(20, 10, async () => (await rawClient(stage, server)).destroy());
  const memory = new MemoryWatch(server);
  await inParallel(200, 10, async (i) => {
    const client = await rawClient(
      stage,
      server,
      i % 2 === 0 ? { offers: ['permessage-deflate'] } : {},
    );
    const begun = text('x'.repeat(100), { declared, length: 64, rsv: i % 2 === 0 ? rsv1 : 0 });
    // The answer to the register in front shows that the server has read this far.
    client.send(registerFrame('lobby'), begun);
    for (let { payload } = await client.frame(); !payload.includes('registered');) {
      ({ payload } = await client.frame());
    }
    waiting.push(client);
  });
  expect(await viewer.say('undisturbed')).toBe(1);
  for (const client of waiting) client.destroy();
  await eventually(
    () => openDescriptors(server.child.pid),
    (count) => count <= before,
  );
  memory.expectFlat(8);
});

test('300 deflate bombs on 300 connections are each closed with 1009, memory stays flat', async ({
  stage,
}) => {
  const server = await watchedServer(stage);
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  const bomb = deflated(Buffer.alloc(16 * 1024 * 1024, 'x'));
  expect(bomb.length).toBeLessThan(messageLimit); // it is not refused for its size on the wire
  const forms: readonly (() => Buffer[])[] = [
    () => [text(bomb, { rsv: rsv1 })],
    () => fragments(opcodes.text, pieces(bomb, 1000), rsv1),
    () => fragments(opcodes.text, pieces(bomb, 10), rsv1),
  ];
  const explode = async (i: number): Promise<void> => {
    const client = await rawClient(stage, server, { offers: ['permessage-deflate'] });
    client.send(...(forms[i % forms.length]?.() ?? []));
    expect(await closeCodeOf(client)).toBe(1009);
    client.destroy();
  };
  await inParallel(10, 10, async () => {
    const client = await rawClient(stage, server, { offers: ['permessage-deflate'] });
    client.send(text(deflated(Buffer.from('"harmless"')), { rsv: rsv1 }), close(1000));
    expect(await closeCodeOf(client)).toBe(1000);
    client.destroy();
  });
  const memory = new MemoryWatch(server);
  await inParallel(300, 10, explode);
  expect(await viewer.say('undisturbed')).toBe(1);
  memory.expectFlat(4);
});

test('a message of 200,000 fragments without content takes no memory, and is one message', async ({
  stage,
}) => {
  const server = await watchedServer(stage);
  const client = await rawClient(stage, server);
  const memory = new MemoryWatch(server);
  client.send(text('{"type":"regis', { final: false }));
  const empty = Buffer.concat(
    Array.from({ length: 1000 }, () => continuation('', { final: false })),
  );
  for (let i = 0; i < 200; i += 1) client.write(empty);
  client.send(continuation('ter","payload":{"chatId":"lobby"}}'));
  for (let { payload } = await client.frame(60_000); !payload.includes('registered');) {
    ({ payload } = await client.frame(60_000));
  }
  memory.expectFlat(2);
});

test('ten viewers that never read cost the server nothing and nobody else anything', async ({
  stage,
}) => {
  const server = await watchedServer(stage, {
    'message-bytes-max': '64KiB',
    'history-messages': 100,
    'history-window': '0s',
    'history-bytes-max': '2MiB',
  });
  const [sender, other] = [await stage.viewer(server), await stage.viewer(server)];
  const slow = await stage.viewers(10, server);
  for (const viewer of [...slow, sender, other]) await viewer.join('lobby');
  // Before anything came: the kernel gives a reader who keeps up ever larger buffers.
  for (const viewer of slow) viewer.pause();
  const line = 's'.repeat(30_000);
  // No faster than `other` reads: it must not fall out of the history itself.
  const sayUpTo = async (lines: number): Promise<void> => {
    while (other.chats.length < lines) {
      const next = other.chats.length + 50;
      await sender.sayAll(Array.from({ length: 50 }, () => line));
      await other.until(() => other.chats.length === next);
    }
  };
  await sayUpTo(150); // the history is full
  const memory = new MemoryWatch(server);
  await sayUpTo(950); // 24 MB for each: more than the kernel keeps for a connection
  expect(other.gaps).toEqual([]);
  // All of them are still there, also once the page has been written anew.
  await eventually(
    () => metric(server, 'spillway_viewers'),
    (viewers) => viewers === 12,
  );
  memory.expectFlat(4);
  for (const viewer of slow) viewer.resume();
  await sender.say('the last');
  for (const viewer of slow) {
    await viewer.until(() => viewer.texts.at(-1) === 'the last', 30_000);
    expect(viewer.gaps.length).toBeGreaterThan(0); // nothing was kept for it
  }
});

test('who asks without end and never reads is closed with 4000 or not heard, and costs nothing', async ({
  stage,
}) => {
  const server = await watchedServer(stage);
  const other = await stage.viewer(server);
  await other.join('lobby');
  const before = openDescriptors(server.child.pid);
  const memory = new MemoryWatch(server);
  const greedy = connect({ host: '127.0.0.1', port: server.port });
  greedy.on('error', () => {}); // it may be cut off
  stage.onEnd(() => void greedy.destroy());
  greedy.write(upgradeRequest(newKey()));
  const asking = Buffer.concat(Array.from({ length: 100_000 }, () => text('?')));
  for (let i = 0; i < 40; i += 1) greedy.write(asking); // their answers are 400 MB

  // Closed; or the server has stopped reading: it counts every second, and the count stands.
  let last = { heard: -1, at: 0 };
  await eventually(
    async () => {
      const heard = await metric(server, 'spillway_messages_received_total');
      if (heard !== last.heard) last = { heard, at: performance.now() };
      const closed = await metric(server, 'spillway_viewers_closed_total{reason="slow_viewer"}');
      return { heard, closed };
    },
    ({ heard, closed }) => closed === 1 || (heard > 0 && performance.now() - last.at > 3000),
    30_000,
  );
  expect(last.heard).toBeLessThan(2_000_000);
  expect(await other.say('undisturbed')).toBe(1);
  memory.expectFlat(4);
  greedy.destroy();
  await eventually(
    () => openDescriptors(server.child.pid),
    (count) => count === before,
  );
});
