// Every code of `error`, and that none of them ends the connection.
import { expect } from 'vitest';
import { test, type Stage } from './harness/stage.ts';
import type { Viewer } from './harness/viewer.ts';

async function lobbyViewer(stage: Stage, flags: Record<string, string> = {}): Promise<Viewer> {
  const viewer = await stage.viewer(await stage.server(await stage.redis(), flags));
  await viewer.join('lobby');
  return viewer;
}

async function refusal(viewer: Viewer, text: string): Promise<Viewer['errors'][number]> {
  const before = viewer.errors.length;
  viewer.sendText(text);
  await viewer.until(() => viewer.errors.length > before);
  const error = viewer.errors[before];
  if (error === undefined) throw new Error('unreachable: just waited for it');
  return error;
}

const chat = (payload: unknown): string => JSON.stringify({ type: 'chat', payload });
const nested = (depth: number): unknown => (depth === 0 ? {} : { in: nested(depth - 1) });

test('an unknown type is answered with unknown_type', async ({ stage }) => {
  const viewer = await lobbyViewer(stage);
  for (const type of ['shout', 'ack', 'CHAT']) {
    const error = await refusal(viewer, JSON.stringify({ type, payload: {} }));
    expect(error.code).toBe('unknown_type');
  }
});

test('chat before any register is answered with not_registered and its id', async ({ stage }) => {
  const viewer = await stage.viewer(await stage.server(await stage.redis()));
  expect(await refusal(viewer, chat({ message: 'x', id: 'early' }))).toMatchObject({
    code: 'not_registered',
    id: 'early',
  });
  await viewer.join('lobby');
  expect(await viewer.say('now')).toBe(1);
});

test('the length of a message is measured decoded, in bytes', async ({ stage }) => {
  const viewer = await lobbyViewer(stage, { 'message-bytes-max': '100B' });
  const tooLong = { code: 'message_too_long', id: 'long' };
  expect(await refusal(viewer, chat({ message: 'x'.repeat(101), id: 'long' }))).toMatchObject(
    tooLong,
  );
  expect(await refusal(viewer, chat({ message: 'ü'.repeat(51), id: 'long' }))).toMatchObject(
    tooLong,
  );
  await viewer.say('ü'.repeat(50));
  const escaped = `"${'\\u0041'.repeat(100)}"`; // 600 bytes as sent, 100 decoded
  viewer.sendText(`{"type":"chat","payload":{"message":${escaped},"id":"escaped"}}`);
  await viewer.until(() => viewer.chats.length === 2);
  expect(viewer.texts).toEqual(['ü'.repeat(50), 'A'.repeat(100)]);
  expect(viewer.errors).toHaveLength(2);
});

test('beyond the rate limit chat is answered with rate_limited and when to come back', async ({
  stage,
}) => {
  const viewer = await lobbyViewer(stage, { 'rate-limit': '3/60s' });
  for (const message of ['one', 'two', 'three']) await viewer.say(message);
  const error = await refusal(viewer, chat({ message: 'four', id: 'four' }));
  expect(error).toMatchObject({ code: 'rate_limited', id: 'four' });
  expect(error.retryAfterMs).toBeGreaterThan(0);
  expect(error.retryAfterMs).toBeLessThanOrEqual(60_000);
  // Only valid chat messages count: everything else is answered as ever.
  expect((await refusal(viewer, 'hello')).code).toBe('bad_request');
  await viewer.join('another room');
  expect((await refusal(viewer, chat({ message: 'five' }))).code).toBe('rate_limited');
});

test('who comes back after retryAfterMs is heard', async ({ stage }) => {
  const viewer = await lobbyViewer(stage, { 'rate-limit': '2/500ms' });
  const sent = ['one', 'two', 'three', 'four', 'five'];
  const follower = await stage.follower({ room: 'lobby', pick: () => viewer.url });
  for (const message of sent) follower.say(message);
  await follower.until(() => follower.unanswered === 0);
  await follower.until(() => follower.lines.length === 5);
  expect(follower.texts.toSorted()).toEqual(sent.toSorted());
});

test('invalid chat does not count against the rate limit', async ({ stage }) => {
  const viewer = await lobbyViewer(stage, { 'rate-limit': '1/60s' });
  for (let i = 0; i < 5; i += 1) await refusal(viewer, chat({ message: '' }));
  expect(await viewer.say('valid')).toBe(1);
});

test('data goes through unchanged, at its largest and deepest', async ({ stage }) => {
  const viewer = await lobbyViewer(stage);
  const values = [
    { name: 'ada', color: '#f80' },
    { big: 12345678901234567890n.toString(), float: 1.5, list: [null, true, { x: 'ü🎈"\\' }] },
    { pad: 'p'.repeat(1024 - '{"pad":""}'.length) },
    nested(7),
    {},
  ];
  for (const data of values) await viewer.say('with data', data);
  await viewer.until(() => viewer.chats.length === values.length);
  expect(viewer.chats.map((line) => line.data)).toEqual(values);
});
