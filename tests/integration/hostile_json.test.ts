// Text that is only almost a message. The golden files have an example of every rule
// (golden.test.ts); here is what tries to get past the check and reach the others in the room.
import { expect } from 'vitest';
import { watchedServer } from './harness/hostile.ts';
import { MemoryWatch } from './harness/memory_watch.ts';
import { logEntries } from './harness/redis.ts';
import { test } from './harness/stage.ts';
import type { Viewer } from './harness/viewer.ts';

const nested = (open: string, inner: string, shut: string, depth: number): string =>
  open.repeat(depth) + inner + shut.repeat(depth);
const ofBytes = (bytes: number): string => `{"a":"${'b'.repeat(bytes - 8)}"}`;

/** Each as the value of `data` in a chat that is valid otherwise. */
const refusedData: readonly string[] = [
  // Brackets, commas, colons.
  ['', '{', '}', '{"a":1', '{"a":1]', '{"a":[1}', '{"a":"b}', '{"a":1}}', '{{}}', '{"a":{}'],
  ['{"a":1,}', '{,}', '{"a":[1,]}', '{"a":[,1]}', '{"a" 1}', '{"a":}', '{"a"}', '{:1}', '{"a"::1}'],
  // Quotes and words of JavaScript.
  ["{'a':1}", '{a:1}', '{"a":\'b\'}', '{"a":`b`}', '{1:1}', '{null:1}', '{"a":nul}', '{"a":True}'],
  ['{"a":NaN}', '{"a":Infinity}', '{"a":-Infinity}', '{"a":undefined}', '{"a":10n}'],
  // Numbers.
  ['{"a":01}', '{"a":-01}', '{"a":+1}', '{"a":.5}', '{"a":5.}', '{"a":1e}', '{"a":0x1}', '{"a":-}'],
  ['{"a":1_000}', '{"a":1 2}', '{"a":1e400}', '{"a":18446744073709551616}'],
  // Escapes, control characters, halves of surrogate pairs.
  [
    '{"a":"\\x41"}',
    '{"a":"\\u12"}',
    '{"a":"\\u{41}"}',
    '{"a":"\\"}',
    '{"a":"\\u00g0"}',
    '{"\\a":1}',
  ],
  ['{"a":"\n"}', '{"a":"\t"}', '{"a":"\u0000"}', '{"a\u0001":1}', '{"a":\u00001}', '{\u000b"a":1}'],
  ['{"a":"\\ud800"}', '{"a":"\\udc00\\ud800"}', '{"\\udbff":1}', '{"a":["\\ud83c\\u0041"]}'],
  ['{"a":"\\udf89"}', '{"\\udc00":1}', '{"a":[{"b":"x\\uDfffy"}]}'],
  // Something around it.
  ['{"a":1}//', '{/**/"a":1}', '{"a":1};', '{"a":1}{"b":2}', '\ufeff{"a":1}', '{\u00a0"a":1}'],
  // JSON, but no object.
  ['null', 'true', '1', '"{}"', '[]', '[{}]', '""'],
  // An object, but too deep or too long.
  [
    nested('{"a":', '1', '}', 9),
    nested('{"a":', '1', '}', 100),
    `{"a":${nested('[', '', ']', 8)}}`,
  ],
  [`{"b":1,"a":${nested('[', '', ']', 8)},"c":{}}`],
  [ofBytes(1025), `{${' '.repeat(1023)}}`, `{"a":"${'ü'.repeat(509)}"}`],
].flat();

/** As the value of `data`: fine, however odd. */
const takenData: readonly string[] = [
  ofBytes(1024),
  nested('{"a":', '1', '}', 8),
  '{"a":"\\\\ud800"}',
  '{"a":"\\ud83c\\udf89"}',
  '{"__proto__":{"x":1},"constructor":{"prototype":{}},"toString":null}',
  '{"a":1,"a":2}',
  '{"":""}',
  '{"type":"redistribute","payload":{"reason":"x","delayMs":0}}',
  '{"a":"}]},{\\"type\\":\\"chat\\"}"}',
  '{"a":-0.0e-0,"b":18446744073709551615,"c":1e308}',
];

/** Answers to all that was sent before have come when the one to this has. */
async function answered(viewer: Viewer): Promise<void> {
  viewer.chat('too early to be heard, or the last line', { id: 'last' });
  await viewer.until(() => viewer.answerTo('last') !== undefined);
}

test('data that is only almost an object of 1 KiB and eight levels reaches nobody', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const server = await watchedServer(stage, {}, redis);
  const [hostile, other] = [await stage.viewer(server), await stage.viewer(server)];
  for (const viewer of [hostile, other]) await viewer.join('lobby');
  for (const [i, data] of refusedData.entries()) {
    hostile.sendText(`{"type":"chat","payload":{"message":"no","data":${data},"id":"${i}"}}`);
  }
  await answered(hostile);
  await other.until(() => other.chats.length > 0);
  expect(other.texts).toEqual(['too early to be heard, or the last line']);
  expect(hostile.errors.map((error) => error.code)).toEqual(refusedData.map(() => 'bad_request'));
  const log = await logEntries(await redis.client(), 'room:{lobby}:log');
  expect(log).toHaveLength(1);
});

test('odd data that is valid goes to everybody as it was written, keys like __proto__ too', async ({
  stage,
}) => {
  const server = await watchedServer(stage);
  const [sender, other] = [await stage.viewer(server), await stage.viewer(server)];
  for (const viewer of [sender, other]) await viewer.join('lobby');
  for (const data of takenData) {
    sender.sendText(`{"type":"chat","payload":{"message":"odd","data":${data}}}`);
  }
  await other.until(() => other.chats.length === takenData.length);
  const heard = other.recentTexts.filter((frame) => frame.startsWith('{"type":"chat"'));
  expect(heard.map((frame) => frame.slice(frame.indexOf('"data":') + 7, -1))).toEqual(takenData);
  expect(sender.errors).toEqual([]);
});

test('white space inside data becomes blanks: a line of the log is one line', async ({ stage }) => {
  const server = await watchedServer(stage);
  const [sender, other] = [await stage.viewer(server), await stage.viewer(server)];
  for (const viewer of [sender, other]) await viewer.join('lobby');
  sender.sendText('{"type":"chat","payload":{"message":"odd","data":{\r\n\t"a":\n1\r}}}');
  await other.until(() => other.chats.length === 1);
  expect(other.recentTexts.at(-1)).toMatch(/"data":\{ {3}"a": 1 \}\}$/);
  expect(await sender.say('and the room goes on')).toBe(2);
});

test('100,000 brackets are answered with bad_request, and cost neither stack nor memory', async ({
  stage,
}) => {
  const server = await watchedServer(stage, { 'message-bytes-max': '256KiB' });
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  const depth = 100_000;
  const texts = [
    nested('[', '', '', depth),
    nested('[', '', ']', depth),
    nested('{"a":', '1', '', depth),
    nested('{"a":', '1', '}', depth),
    nested('[{"a":', '1', '}]', depth),
    `{"type":"chat","payload":{"message":"x","data":${nested('[', '', ']', depth)}}}`,
    `{"type":"chat","x":${nested('[', '', ']', depth)},"payload":{"message":"x"}}`,
    nested('', ']', '', depth),
    '"'.repeat(depth),
    '\\'.repeat(depth),
    `${' '.repeat(depth)}x`,
  ];
  const refuseAll = async (): Promise<void> => {
    const before = viewer.errors.length;
    for (const text of texts) viewer.sendText(text);
    await viewer.until(() => viewer.errors.length === before + texts.length);
  };
  await refuseAll(); // the parser's buffers grow to the longest text and stay
  const memory = new MemoryWatch(server);
  for (let i = 0; i < 10; i += 1) await refuseAll();
  expect(new Set(viewer.errors.map((error) => error.code))).toEqual(new Set(['bad_request']));
  expect(await viewer.say('undisturbed')).toBe(1);
  memory.expectFlat(4);
});

test('of two equal keys the first counts, wherever they stand', async ({ stage }) => {
  const redis = await stage.redis();
  const server = await watchedServer(stage, {}, redis);
  const viewer = await stage.viewer(server);
  viewer.sendText(
    '{"type":"register","payload":{"chatId":"first","chatId":"second"},"payload":{"chatId":"third"},"type":"chat"}',
  );
  await viewer.until(() => viewer.registered.length === 1);
  expect(viewer.registered[0]?.chatId).toBe('first');
  viewer.sendText(
    '{"type":"chat","payload":{"message":"a","id":"1","id":"2","data":{},"data":7,"message":""}}',
  );
  await viewer.until(() => viewer.chats.length === 1 && viewer.acks.length === 1);
  expect(viewer.chats[0]).toMatchObject({ id: '1', message: 'a', data: {} });
  viewer.sendText('{"type":"chat","payload":{"message":"b","data":7,"data":{}}}');
  await viewer.until(() => viewer.errors.length === 1);
  expect(viewer.errors[0]?.code).toBe('bad_request');
});
