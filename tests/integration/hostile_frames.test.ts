// Frames that no client may send. They end their own connection; what stands behind them is not
// taken, and the room does not notice.
import { expect } from 'vitest';
import {
  binary,
  close,
  continuation,
  frame,
  fragments,
  ping,
  text,
} from '../conformance/frames.ts';
import {
  chatFrame,
  closeCodeOf,
  messageLimit,
  rawClient,
  registerFrame,
  watchedServer,
} from './harness/hostile.ts';
import { MemoryWatch } from './harness/memory_watch.ts';
import { test, type Stage } from './harness/stage.ts';

const hex = (digits: string): Buffer => Buffer.from(digits, 'hex');
const header = (bytes: bigint): Buffer => text('', { declared: bytes, length: 64 });
const chatWith = (message: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from('{"type":"chat","payload":{"message":"'),
    message,
    Buffer.from('"}}'),
  ]);

async function expectRefused(
  stage: Stage,
  code: number,
  cases: Readonly<Record<string, Buffer>>,
): Promise<void> {
  const server = await watchedServer(stage);
  const bystander = await stage.viewer(server);
  await bystander.join('lobby');
  const memory = new MemoryWatch(server);
  for (const [what, bytes] of Object.entries(cases)) {
    const client = await rawClient(stage, server);
    client.send(registerFrame('lobby'), bytes, chatFrame(`behind ${what}`));
    expect(await closeCodeOf(client), what).toBe(code);
    client.destroy();
  }
  expect(await bystander.say('undisturbed')).toBe(1);
  expect(bystander.texts).toEqual(['undisturbed']);
  memory.expectFlat(4);
}

test('text that is not UTF-8 is closed with 1007', async ({ stage }) => {
  await expectRefused(stage, 1007, {
    'a byte that no UTF-8 has': text(chatWith(hex('ff'))),
    'a continuation byte alone': text(chatWith(hex('80'))),
    'a longer form of /': text(chatWith(hex('c0af'))),
    'NUL in two bytes': text(chatWith(hex('c080'))),
    'a surrogate': text(chatWith(hex('eda080'))),
    'beyond U+10FFFF': text(chatWith(hex('f4908080'))),
    'a letter cut short by the end': text(hex('7bc3')),
    'a letter cut short by a quote': text(chatWith(hex('e282'))),
    'in the second fragment': Buffer.concat(
      fragments(1, [Buffer.from('{"type":"'), hex('ff'), Buffer.from('"}')]),
    ),
    'not JSON either': text(hex('ffffffff')),
  });
});

test('a binary message is closed with 1003, from its header on', async ({ stage }) => {
  await expectRefused(stage, 1003, {
    'a register': binary(registerFrame('lobby')),
    empty: binary(),
    'the first fragment': binary('{', { final: false }),
    'a header alone': binary('', { declared: 1000n }).subarray(0, 4),
  });
});

test('broken frames are closed with 1002', async ({ stage }) => {
  await expectRefused(stage, 1002, {
    'no mask': text('{"type":"chat","payload":{"message":"x"}}', { mask: undefined }),
    'a length with its highest bit': text('', { declared: 2n ** 63n, length: 64 }),
    'a reserved bit': text('{}', { rsv: 1 }),
    'a compressed frame that was not agreed on': text('{}', { rsv: 4 }),
    'a reserved opcode': frame(3, '{}'),
    'a continuation of nothing': continuation('{}'),
    'a message inside a message': Buffer.concat([text('{', { final: false }), text('{}')]),
    'a ping of 126 bytes': ping('x'.repeat(126)),
    'a close of one byte': frame(8, 'x'),
    'a close with a code that nobody may send': close(1005),
  });
});

test('what is declared too long is closed with 1009 before any of it comes', async ({ stage }) => {
  const half = Buffer.alloc(messageLimit / 2 + 1, 'x');
  await expectRefused(stage, 1009, {
    'a byte too long': text('', { declared: BigInt(messageLimit) + 1n, length: 16 }),
    '4 GiB': header(2n ** 32n),
    '2^32 and 5 bytes': header(2n ** 32n + 5n),
    '2^63 - 1': header(2n ** 63n - 1n),
    'two fragments': Buffer.concat([
      text(half, { final: false }),
      continuation('', { declared: BigInt(half.length) }),
    ]),
    'a small fragment and one whose length overflows the sum': Buffer.concat([
      text('x', { final: false }),
      continuation('', { declared: 2n ** 63n - 1n, length: 64 }),
    ]),
  });
});
