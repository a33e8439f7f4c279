// A real server and the golden messages of docs/protocol: it takes what they say is valid, refuses
// what they say is not, and what it says itself has their form, field by field and in their order.
import { expect } from 'vitest';
import { golden, hasFormOf } from './harness/golden.ts';
import { isRecord } from './harness/messages.ts';
import { test } from './harness/stage.ts';
import { newId } from './harness/viewer.ts';
import { eventually } from './harness/wait.ts';

test('valid client messages do what they say', async ({ stage }) => {
  const viewer = await stage.viewer(await stage.server(await stage.redis()));
  await viewer.join('lobby');
  for (const { name, text, expect: meaning } of golden('client-to-server')) {
    if (!isRecord(meaning)) throw new Error(`${name}: no meaning`);
    const [registered, chats] = [viewer.registered.length, viewer.chats.length];
    viewer.sendText(text);
    if (meaning['type'] === 'register') {
      await viewer.until(() => viewer.registered.length > registered);
      expect(viewer.registered[registered]?.chatId, name).toBe(meaning['chatId']);
      await viewer.join('lobby');
      continue;
    }
    await viewer.until(() => viewer.chats.length > chats);
    const chat = viewer.chats[chats];
    expect(chat?.message, name).toBe(meaning['message']);
    expect(chat?.id, name).toBe(meaning['id']);
    const raw = viewer.recentTexts.findLast((frame) => frame.startsWith('{"type":"chat"'));
    const { data } = meaning;
    if (typeof data === 'string') expect(raw, name).toContain(`"data":${data}}`);
    else expect(chat, name).not.toHaveProperty('data');
  }
  expect(viewer.errors).toEqual([]);
});

test('invalid client messages get the error that answers them and change nothing', async ({
  stage,
}) => {
  const viewer = await stage.viewer(await stage.server(await stage.redis()));
  await viewer.join('lobby');
  for (const { name, text, expect: answer } of golden('invalid-client-messages')) {
    if (!isRecord(answer)) throw new Error(`${name}: no answer`);
    const before = viewer.errors.length;
    viewer.sendText(text);
    await viewer.until(() => viewer.errors.length > before);
    expect(viewer.errors[before]?.code, name).toBe(answer['code']);
    expect(viewer.errors[before]?.id, name).toBe(answer['id']);
  }
  expect(await viewer.say('the first')).toBe(1); // nothing of the above took a seq
  expect(viewer.acks[0]?.chatId).toBe('lobby'); // and nothing moved the viewer
});

test('every type of message that a server sends has the form of a golden one', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const server = await stage.server(redis, { 'rate-limit': '4/60s' });
  const viewer = await stage.viewer(server);
  viewer.chat('too early', { id: newId() });
  const { epoch } = await viewer.join('lobby');
  viewer.chat('bare');
  await viewer.say('with id');
  await viewer.say('with all', { name: 'ada' });
  viewer.sendText('nonsense');
  viewer.send({ type: 'shout', payload: {} });
  viewer.chat('x'.repeat(2049), { id: newId() });
  viewer.chat('fourth', { id: newId() });
  viewer.chat('fifth', { id: newId() });
  await viewer.until(() => viewer.errors.length === 5);
  await viewer.join('lobby', { since: { epoch, seq: 2 } });
  await viewer.join('lobby', { since: { epoch: 'unknown', seq: 2 }, history: 1 });
  const second = await stage.viewer(server);
  await second.join('lobby');
  await viewer.until(() => viewer.viewerCounts.length > 0);
  const order = { type: 'redistribute', n: 2, targets: [{ url: 'ws://127.0.0.1:1', n: 1 }] };
  await client.publish(server.id, JSON.stringify(order));
  await viewer.until(() => viewer.redistributes.length > 0);
  await second.until(() => second.redistributes.length > 0);

  const forms = golden('server-to-client').filter(({ written }) => written);
  const said = [...viewer.told, ...second.told]; // parsing checked that no needed field is missing
  for (const message of said) {
    const text = JSON.stringify(message);
    expect(
      forms.some((form) => hasFormOf(message, form.text)),
      text,
    ).toBe(true);
  }
  expect(new Set(said.map((message) => message.type))).toEqual(
    new Set(['welcome', 'registered', 'chat', 'ack', 'viewers', 'redistribute', 'error']),
  );
  expect(new Set(viewer.errors.map((error) => error.code))).toEqual(
    new Set(['bad_request', 'unknown_type', 'not_registered', 'message_too_long', 'rate_limited']),
  );
});

test('viewers counts follow who comes and goes', async ({ stage }) => {
  const redis = await stage.redis();
  const [here, there] = [await stage.server(redis), await stage.server(redis)];
  const viewer = await stage.viewer(here);
  await viewer.join('lobby');
  const guests = [...(await stage.viewers(3, here)), ...(await stage.viewers(3, there))];
  await Promise.all(guests.map((guest) => guest.join('lobby')));
  await viewer.until(() => viewer.viewerCounts.at(-1)?.viewers === 7);
  for (const guest of guests) guest.terminate();
  await viewer.until(() => viewer.viewerCounts.at(-1)?.viewers === 1);
  const late = await stage.viewer(there);
  await eventually(
    () => late.join('lobby'),
    ({ viewers }) => viewers === 2,
  );
});
