// One order for all: every viewer of every server sees the same messages, each once.
import { expect } from 'vitest';
import { test, type Stage } from './harness/stage.ts';
import type { Viewer } from './harness/viewer.ts';

async function fillRoom(stage: Stage, flags: Record<string, string | number>): Promise<Viewer[]> {
  const redis = await stage.redis();
  const servers = [await stage.server(redis, flags), await stage.server(redis, flags)];
  const viewers: Viewer[] = [];
  for (const server of servers) {
    viewers.push(...(await stage.viewers(25, server)));
    viewers.push(...(await stage.viewers(25, server, { batch: true })));
  }
  await Promise.all(viewers.map((viewer) => viewer.join('lobby')));
  return viewers;
}

/** Eight senders, 25 lines each, on both servers and in both wire forms. */
async function talkAllAtOnce(viewers: Viewer[]): Promise<void> {
  const senders = viewers.filter((_, index) => index % 13 === 0);
  expect(senders).toHaveLength(8);
  await Promise.all(
    senders.map((sender, who) =>
      sender.sayAll(Array.from({ length: 25 }, (_, line) => `${who}: line ${line}`)),
    ),
  );
}

for (const threads of [1, 2]) {
  test(`100 viewers on two servers with ${threads} loops see 200 messages in one order`, async ({
    stage,
  }) => {
    const viewers = await fillRoom(stage, { threads });
    await talkAllAtOnce(viewers);
    await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.chats.length === 200)));

    const seqs = Array.from({ length: 200 }, (_, index) => index + 1);
    const [first] = viewers;
    for (const viewer of viewers) {
      expect(viewer.seqs).toEqual(seqs);
      expect(viewer.texts).toEqual(first?.texts);
      expect(viewer.errors).toEqual([]);
    }
    for (let who = 0; who < 8; who += 1) {
      const own = first?.texts.filter((text) => text.startsWith(`${who}: `));
      expect(own).toEqual(Array.from({ length: 25 }, (_, line) => `${who}: line ${line}`));
    }
  });

  test(`an ack names the seq that everybody sees the message under, ${threads} loops`, async ({
    stage,
  }) => {
    const redis = await stage.redis();
    const [here, there] = [
      await stage.server(redis, { threads }),
      await stage.server(redis, { threads }),
    ];
    const senders = [...(await stage.viewers(4, here)), ...(await stage.viewers(4, there))];
    await Promise.all(senders.map((sender) => sender.join('lobby')));
    await Promise.all(senders.map((sender) => sender.sayAll(['a', 'b', 'c', 'd', 'e'])));
    for (const sender of senders) {
      await sender.until(() => sender.chats.length === 40);
      expect(sender.acks).toHaveLength(5);
      for (const ack of sender.acks) {
        expect(ack.chatId).toBe('lobby');
        expect(sender.chatWithId(ack.id)?.seq).toBe(ack.seq);
      }
    }
  });
}

test('rooms have positions of their own and hear nothing of each other', async ({ stage }) => {
  const redis = await stage.redis();
  const server = await stage.server(redis);
  const rooms = ['lobby', 'räume/ünïcode 🎈', 'x'.repeat(128)];
  const viewers = await stage.viewers(3, server);
  for (const [index, viewer] of viewers.entries()) await viewer.join(rooms[index] ?? '');
  for (const [index, viewer] of viewers.entries()) await viewer.say(`only in ${index}`);
  for (const [index, viewer] of viewers.entries()) {
    await viewer.until(() => viewer.chats.length > 0);
    expect(viewer.texts).toEqual([`only in ${index}`]);
    expect(viewer.seqs).toEqual([1]);
  }
});
