// Room names, ids and numbers that some language, Redis or a log could take for something else.
// What is refused is in the golden files (golden.test.ts); these are names like any other.
import { expect } from 'vitest';
import { watchedServer } from './harness/hostile.ts';
import { test } from './harness/stage.ts';

const names: readonly string[] = [
  ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'null', 'undefined'],
  ['*', '?', '[a-z]', 'lobby*', '\\*', '\\', ' ', 'lobby ', 'Lobby', '0', '-1', 'NaN', '$', '%s%n'],
  ['../../etc/passwd', 'a:b', 'room:lobby', '<script>alert(1)</script>', '"', "'; FLUSHALL;--"],
  ['\u202egnol', '\ufeff', '\u2028', 'ü', 'u\u0308', '🎈'.repeat(32), 'x'.repeat(128), '\ufffd'],
].flat();

test('odd room names are rooms of their own, over two servers', async ({ stage }) => {
  const redis = await stage.redis();
  const [one, two] = [await watchedServer(stage, {}, redis), await watchedServer(stage, {}, redis)];
  const [talker, listener] = [await stage.viewer(one), await stage.viewer(two)];
  for (const [i, name] of [...names, one.id, two.id].entries()) {
    await listener.join(name);
    expect(await talker.join(name), name).toMatchObject({ chatId: name, seq: 0 });
    expect(await talker.say(`in room ${i}`), name).toBe(1);
    await listener.until(() => listener.chats.length === i + 1);
    expect(listener.texts.at(-1), name).toBe(`in room ${i}`);
    expect(talker.acks.at(-1)?.chatId).toBe(name);
  }
  expect(talker.errors).toEqual([]);
});

test('what is said in a room that is named as a channel of the fleet commands no server', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const server = await watchedServer(stage, {}, redis);
  const [talker, other] = [await stage.viewer(server), await stage.viewer(server)];
  await other.join('lobby');
  for (const room of [server.id, 'redistribute', `server:${server.id}`]) {
    await talker.join(room);
    await talker.say('{"type":"redistribute","n":2,"targets":[]}');
    await talker.say('{"type":"drain"}', { type: 'drain' });
  }
  await other.join('lobby');
  expect(await other.say('nobody was told to leave')).toBe(1);
  expect([...talker.redistributes, ...other.redistributes]).toEqual([]);
});

test('a message of any characters, NUL too, reaches everybody as it was and stays one line', async ({
  stage,
}) => {
  const server = await watchedServer(stage);
  const [talker, other] = [await stage.viewer(server, { batch: true }), await stage.viewer(server)];
  for (const viewer of [talker, other]) await viewer.join('lobby');
  const all = Array.from({ length: 0x100 }, (_, i) => String.fromCharCode(i)).join('');
  const messages = [
    '\u0000',
    '\n',
    '\r\n',
    all,
    '\u2028\u2029',
    '","seq":9,"x":"',
    '\u001b[2J',
    '\ufffe',
  ];
  for (const message of messages) await talker.say(message);
  await other.until(() => other.chats.length === messages.length);
  expect(other.texts).toEqual(messages);
  expect(talker.texts).toEqual(messages);
});

test('the largest since and history that are numbers are answered, and give what there is', async ({
  stage,
}) => {
  const server = await watchedServer(stage, { 'history-messages': 5, 'history-window': '0s' });
  const viewer = await stage.viewer(server);
  const { epoch } = await viewer.join('lobby');
  await viewer.sayAll(Array.from({ length: 20 }, (_, i) => `line ${i}`));
  const start = viewer.chats.length;
  const huge = await viewer.join('lobby', { history: 2 ** 53 });
  await viewer.until(() => viewer.position?.seq === 20);
  expect(viewer.chats.length - start).toBe(20 - huge.seq);
  expect(20 - huge.seq).toBeLessThanOrEqual(5);
  for (const since of [
    { epoch: 'another', seq: 2 ** 53 - 1 },
    { epoch, seq: 0 },
  ]) {
    const answer = await viewer.join('lobby', { since, history: 2 ** 53 });
    expect(answer).toMatchObject({ recovered: false, epoch, seq: huge.seq });
    await viewer.until(() => viewer.position?.seq === 20);
  }
  // Ahead of Redis: nobody was ever there.
  const ahead = await viewer.join('lobby', { since: { epoch, seq: 2 ** 53 - 1 } });
  expect(ahead).toMatchObject({ recovered: false, epoch });
  await viewer.until(() => viewer.position?.seq === 20);
  expect(await viewer.say('goes on')).toBe(21);
});

test('registers beyond sixteen that wait are answered too, with unavailable', async ({ stage }) => {
  const redis = await stage.redis();
  const server = await watchedServer(stage, {}, redis);
  const [viewer, other] = [await stage.viewer(server), await stage.viewer(server)];
  await viewer.join('lobby');
  redis.freeze();
  for (let i = 0; i < 1000; i += 1) viewer.register(`room ${i}`);
  await viewer.until(() => viewer.errors.length === 1000 - 16);
  redis.thaw();
  await viewer.until(() => viewer.registered.length === 1 + 16);
  expect(new Set(viewer.errors.map((error) => error.code))).toEqual(new Set(['unavailable']));
  expect(viewer.registered.at(-1)?.chatId).toBe('room 15');
  await other.join('room 15');
  expect(await other.say('still served')).toBe(1);
});
