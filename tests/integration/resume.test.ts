// Coming back with a position: everything after it once, or word that it is gone.
import { expect } from 'vitest';
import { test } from './harness/stage.ts';

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);

for (const batch of [false, true]) {
  const form = batch ? 'batch form' : 'plain form';

  test(`viewers that hop between servers while messages flow read every line once, ${form}`, async ({
    stage,
  }) => {
    const redis = await stage.redis();
    const servers = [await stage.server(redis), await stage.server(redis, { threads: 2 })];
    const urls = servers.map((server) => server.url);
    const pick = (): string => urls[0] ?? '';
    const hoppers = await Promise.all(
      Array.from({ length: 10 }, () => stage.follower({ room: 'lobby', pick, batch })),
    );
    const senders = await Promise.all(servers.map((server) => stage.viewer(server)));
    await Promise.all(senders.map((sender) => sender.join('lobby')));

    const talk = stage.beside(
      Promise.all(senders.map((sender) => sender.sayAll(numbered(1, 400), 5))),
    );
    for (let hops = 1; hops <= 10; hops += 1) {
      const lines = hops * 60; // hops are spread over the 800 lines by what was read, not by time
      await Promise.all(
        hoppers.map(async (hopper, index) => {
          await hopper.until(() => hopper.lines.length >= lines + index);
          await hopper.hop(urls[hops % 2] ?? '');
        }),
      );
    }
    await talk;
    for (const hopper of hoppers) {
      await hopper.until(() => hopper.lines.length === 800);
      expect(hopper.lines.map((line) => line.seq)).toEqual(
        Array.from({ length: 800 }, (_, index) => index + 1),
      );
      expect(hopper.connections).toBe(11);
      expect(hopper.unrecovered).toBe(0);
    }
  });

  test(`since within the history is recovered without a hole, ${form}`, async ({ stage }) => {
    const server = await stage.server(await stage.redis());
    const sender = await stage.viewer(server);
    const { epoch } = await sender.join('lobby');
    await sender.sayAll(numbered(1, 30));

    const viewer = await stage.viewer(server, { batch });
    const answer = await viewer.join('lobby', { since: { epoch, seq: 12 } });
    expect(answer).toMatchObject({ chatId: 'lobby', epoch, seq: 12, recovered: true });
    await viewer.until(() => viewer.chats.length === 18);
    expect(viewer.texts).toEqual(numbered(13, 30));
    await sender.say('live');
    await viewer.until(() => viewer.chats.length === 19);
    expect(viewer.chats.at(-1)).toMatchObject({ seq: 31, message: 'live' });
  });
}

test('since at the newest message is recovered and nothing comes', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const sender = await stage.viewer(server);
  const { epoch } = await sender.join('lobby');
  await sender.sayAll(numbered(1, 3));
  const viewer = await stage.viewer(server);
  expect(await viewer.join('lobby', { since: { epoch, seq: 3 } })).toMatchObject({
    seq: 3,
    recovered: true,
  });
  await sender.say('next');
  await viewer.until(() => viewer.chats.length > 0);
  expect(viewer.seqs).toEqual([4]);
});

test('since that the history no longer has is not recovered: the newest history follows', async ({
  stage,
}) => {
  const flags = { 'history-messages': 10, 'history-window': '0s' };
  const server = await stage.server(await stage.redis(), flags);
  const sender = await stage.viewer(server);
  const { epoch } = await sender.join('lobby');
  for (const line of numbered(1, 40)) await sender.say(line); // one batch each

  const viewer = await stage.viewer(server);
  const answer = await viewer.join('lobby', { since: { epoch, seq: 5 }, history: 4 });
  expect(answer).toMatchObject({ epoch, seq: 36, recovered: false });
  await viewer.until(() => viewer.chats.length === 4);
  expect(viewer.texts).toEqual(numbered(37, 40));

  const other = await stage.viewer(server);
  expect(await other.join('lobby', { since: { epoch, seq: 5 } })).toMatchObject({
    seq: 30, // the default of 50, but no more than --history-messages
    recovered: false,
  });
});

test('since of an epoch that nobody knows is not recovered', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const sender = await stage.viewer(server);
  const { epoch } = await sender.join('lobby');
  await sender.sayAll(numbered(1, 60));
  const viewer = await stage.viewer(server);
  const answer = await viewer.join('lobby', { since: { epoch: 'another', seq: 3 } });
  expect(answer).toMatchObject({ epoch, seq: 10, recovered: false });
  await viewer.until(() => viewer.chats.length === 50);
  expect(viewer.texts).toEqual(numbered(11, 60));
});

test('since is answered from Redis by a server that never saw the room', async ({ stage }) => {
  const redis = await stage.redis();
  const first = await stage.server(redis);
  const sender = await stage.viewer(first);
  const { epoch } = await sender.join('lobby');
  await sender.sayAll(numbered(1, 150));
  const second = await stage.server(redis);
  const viewer = await stage.viewer(second);
  expect(await viewer.join('lobby', { since: { epoch, seq: 7 } })).toMatchObject({
    seq: 7,
    recovered: true,
  });
  await viewer.until(() => viewer.chats.length === 143);
  expect(viewer.texts).toEqual(numbered(8, 150));
});

test('a position ahead of everything is not recovered', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const sender = await stage.viewer(server);
  const { epoch } = await sender.join('lobby');
  await sender.sayAll(numbered(1, 3));
  const viewer = await stage.viewer(server);
  expect(await viewer.join('lobby', { since: { epoch, seq: 1000 } })).toMatchObject({
    recovered: false,
  });
  await viewer.until(() => viewer.chats.length === 3);
});
