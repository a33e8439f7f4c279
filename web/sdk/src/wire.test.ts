// The golden messages of docs/protocol: the same ones that the server's tests read.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { encodeChat, encodeRegister, parseProvisioned, parseServerMessages } from './wire.ts';

interface Golden {
  readonly name: string;
  readonly text?: string;
  readonly json?: unknown;
  readonly expect: unknown;
  readonly written?: boolean;
}

function golden(file: string): Golden[] {
  const path = new URL(`../../../docs/protocol/${file}.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { messages: Golden[] }).messages;
}

/** The golden form: `data` as its text, and its name beside it. */
function asGolden(message: object): object {
  if (!('data' in message)) return message;
  const { data } = message;
  const { name } = data as { name?: unknown };
  const named = typeof name === 'string' ? { name } : {};
  return { ...message, data: JSON.stringify(data), ...named };
}

describe('what a server says', () => {
  test.each(golden('server-to-client'))('$name', ({ text = '', expect: meaning }) => {
    expect(parseServerMessages(text)?.map(asGolden) ?? null).toEqual(meaning);
  });

  test('what is no text at all is no message', () => {
    for (const data of [undefined, null, 7, new ArrayBuffer(2), {}]) {
      expect(parseServerMessages(data)).toBeUndefined();
    }
  });

  test.each([
    ['chat with a negative seq', { type: 'chat', seq: -1, message: 'x' }],
    ['chat with a fractional seq', { type: 'chat', seq: 1.5, message: 'x' }],
    ['chat whose message is no text', { type: 'chat', seq: 1, message: ['x'] }],
    ['ack without id', { type: 'ack', payload: { chatId: 'lobby', seq: 1 } }],
    ['a payload that is a list', { type: 'viewers', payload: [7] }],
    ['a payload that is null', { type: 'viewers', payload: null }],
    ['a type that is a name of every object', { type: 'toString', payload: {} }],
    ['__proto__ as a type', { type: '__proto__', payload: {} }],
  ])('%s is ignored', (_, message) => {
    expect(parseServerMessages(JSON.stringify(message))).toEqual([{ type: 'unknown' }]);
  });

  test('an optional field of another kind is absent', () => {
    const text = '{"type":"chat","seq":1,"id":7,"ts":"x","message":"m","data":[1]}';
    expect(parseServerMessages(text)).toEqual([{ type: 'chat', seq: 1, ts: 0, message: 'm' }]);
  });

  test.each([
    [8.64e15, 8.64e15],
    [8.64e15 + 1, 0],
    [2 ** 53, 0],
  ])('the time %d is %d: what no Date can be is none', (ts, expected) => {
    const text = JSON.stringify({ type: 'chat', seq: 1, ts, message: 'm' });
    expect(parseServerMessages(text)).toEqual([
      { type: 'chat', seq: 1, ts: expected, message: 'm' },
    ]);
  });
});

describe('what is said to a server', () => {
  const written = golden('client-to-server').filter((message) => message.written === true);

  interface Meaning {
    readonly type: string;
    readonly chatId: string;
    readonly since?: { readonly epoch: string; readonly seq: number };
    readonly history?: number;
    readonly message: string;
    readonly id?: string;
    readonly data?: string;
  }

  test.each(written)('$name', ({ text, json, expect: meaning }) => {
    const { type, chatId, since, history, message, id, data } = meaning as Meaning;
    const named = id === undefined ? {} : { id };
    const own: unknown = data === undefined ? undefined : JSON.parse(data);
    const encoded =
      type === 'register'
        ? encodeRegister(chatId, { since, history })
        : encodeChat(message, { ...named, data: own as Record<string, unknown> | undefined });
    // Numbers and escapes inside `data` have many spellings; those that JSON.stringify writes are ours.
    const asWritten = JSON.stringify(json ?? JSON.parse(text ?? ''));
    expect(encoded).toBe(asWritten);
  });

  test('there are enough of them', () => {
    expect(written.length).toBeGreaterThan(10);
  });
});

test('the balancer names a server, or says nothing that is used', () => {
  expect(parseProvisioned({ id: 'x', url: 'ws://a' })).toBe('ws://a');
  for (const answer of [{}, { url: 7 }, 'ws://a', null, undefined, [{ url: 'ws://a' }]]) {
    expect(parseProvisioned(answer)).toBeUndefined();
  }
});
