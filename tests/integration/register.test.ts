// One connection's messages take effect in order, however they arrive.
import { expect } from 'vitest';
import { test } from './harness/stage.ts';

const noise = (name: string): string[] => Array.from({ length: 200 }, (_, i) => `${name}${i}`);

for (const threads of [1, 2]) {
  test(`messages right behind register in one segment go to that room, ${threads} loops`, async ({
    stage,
  }) => {
    const server = await stage.server(await stage.redis(), { threads });
    const viewer = await stage.viewer(server);
    viewer.inOneSegment(() => {
      viewer.register('lobby');
      viewer.chat('one', { id: '1' });
      viewer.chat('two', { id: '2' });
      viewer.chat('three', { id: '3' });
    });
    await viewer.until(() => viewer.chats.length === 3 && viewer.acks.length === 3);
    expect(viewer.texts).toEqual(['one', 'two', 'three']);
    expect(viewer.seqs).toEqual([1, 2, 3]);
    expect(viewer.acks.map((ack) => ack.seq)).toEqual([1, 2, 3]);
    expect(viewer.told[1]).toMatchObject({ type: 'registered', payload: { seq: 0 } });
  });

  // Opening a room takes long enough for the loop to be somewhere else when the answer comes.
  test(`whoever speaks with the register that opens a room reads the line, ${threads} loops`, async ({
    stage,
  }) => {
    const server = await stage.server(await stage.redis(), { threads });
    const viewers = await stage.viewers(200, server);
    for (const [i, viewer] of viewers.entries()) {
      viewer.inOneSegment(() => {
        viewer.register(`room ${i}`);
        viewer.chat('mine', { id: 'mine' });
      });
    }
    for (const viewer of viewers) await viewer.until(() => viewer.chats.length === 1);
  });

  test(`two registers and their chats at once: each chat goes to the room before it, ${threads} loops`, async ({
    stage,
  }) => {
    const server = await stage.server(await stage.redis(), { threads });
    const [inA, inB] = [await stage.viewer(server), await stage.viewer(server)];
    await inA.join('a');
    await inB.join('b');
    const viewer = await stage.viewer(server);
    viewer.inOneSegment(() => {
      viewer.register('a');
      viewer.chat('for a', { id: 'a1' });
      viewer.register('b');
      viewer.chat('for b', { id: 'b1' });
    });
    await viewer.until(() => viewer.acks.length === 2 && viewer.chats.length === 1);
    expect(viewer.registered.map((answer) => answer.chatId)).toEqual(['a', 'b']);
    expect(viewer.answerTo('a1')).toMatchObject({ chatId: 'a', seq: 1 });
    expect(viewer.answerTo('b1')).toMatchObject({ chatId: 'b', seq: 1 });
    await inA.until(() => inA.chats.length === 1);
    await inB.until(() => inB.chats.length === 1);
    expect(inA.texts).toEqual(['for a']);
    expect(inB.texts).toEqual(['for b']);
    expect(viewer.texts).toEqual(['for b']);
  });
}

test('of many registers at once all are answered in order, only the last is followed by messages', async ({
  stage,
}) => {
  const server = await stage.server(await stage.redis());
  const sender = await stage.viewer(server);
  const rooms = ['a', 'b', 'c', 'd', 'e'];
  for (const room of rooms) {
    await sender.join(room);
    await sender.sayAll([`${room}1`, `${room}2`]);
  }
  const viewer = await stage.viewer(server);
  viewer.inOneSegment(() => {
    for (const room of rooms) viewer.register(room, { history: 10 });
  });
  await viewer.until(() => viewer.chats.length === 2);
  expect(viewer.registered.map((answer) => answer.chatId)).toEqual(rooms);
  expect(viewer.texts).toEqual(['e1', 'e2']);
});

test('moving between rooms with publishes in flight: acks carry the old room, nothing of it follows', async ({
  stage,
}) => {
  const server = await stage.server(await stage.redis());
  const [talkerA, talkerB] = [await stage.viewer(server), await stage.viewer(server)];
  await talkerA.join('a');
  await talkerB.join('b');
  const mover = await stage.viewer(server);
  await mover.join('a');

  const talk = stage.beside(Promise.all([talkerA.sayAll(noise('a')), talkerB.sayAll(noise('b'))]));
  for (let move = 0; move < 20; move += 1) {
    const [from, to] = move % 2 === 0 ? ['a', 'b'] : ['b', 'a'];
    mover.inOneSegment(() => {
      mover.chat(`${from} from the mover`, { id: `move-${move}` });
      mover.register(to);
    });
    await mover.until(() => mover.registered.length === move + 2);
  }
  await talk;
  await mover.until(() => mover.acks.length === 20);
  for (const ack of mover.acks) {
    const move = Number(ack.id.replace('move-', ''));
    expect(ack.chatId).toBe(move % 2 === 0 ? 'a' : 'b');
  }

  let room = '';
  for (const message of mover.told) {
    if (message.type === 'registered') room = message.payload.chatId;
    if (message.type === 'chat') expect(message.message.startsWith(room)).toBe(true);
  }
  await talkerA.until(() => talkerA.chats.length === 210);
  await talkerB.until(() => talkerB.chats.length === 210);
});

test('registering again in the same room is answered and loses nothing', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const viewer = await stage.viewer(server);
  const first = await viewer.join('lobby');
  await viewer.say('one');
  const again = await viewer.join('lobby', { since: { epoch: first.epoch, seq: 0 } });
  expect(again).toMatchObject({ seq: 0, recovered: true, viewers: 1 });
  await viewer.until(() => viewer.chats.length === 2);
  expect(viewer.texts).toEqual(['one', 'one']);
});

test('an invalid register leaves the viewer where it is', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  viewer.send({ type: 'register', payload: { chatId: '{evil}' } });
  await viewer.until(() => viewer.errors.length === 1);
  expect(viewer.errors[0]).toMatchObject({ code: 'bad_request' });
  await viewer.say('still here');
  await viewer.until(() => viewer.chats.length === 1);
  expect(viewer.acks[0]).toMatchObject({ chatId: 'lobby' });
});
