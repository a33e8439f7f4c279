// RFC 6455 section 8.1: text is UTF-8, and what is not fails the connection at its first bad byte.
import { expect } from 'vitest';
import { deliveries, expectAlive, expectPong, expectText } from './expectations.ts';
import { continuation, fragments, opcodes, pieces, ping, text } from './frames.ts';
import { test } from './stage.ts';

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(/[ !]/g, ''), 'hex');
const character = (codePoint: number): Buffer => Buffer.from(String.fromCodePoint(codePoint));
const isScalar = (codePoint: number): boolean => codePoint < 0xd800 || codePoint > 0xdfff;
const named = (codePoint: number): string => `U+${codePoint.toString(16).toUpperCase()}`;

const planes = Array.from({ length: 17 }, (_, i) => i * 0x1_0000);
const noncharacters = [
  0xfdd0,
  0xfdef,
  ...planes.flatMap((plane) => [plane + 0xfffe, plane + 0xffff]),
];
const edges = [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfeff, 0xfffd, 0x1_0000, 0x10_ffff];

const valid: readonly (readonly [string, Buffer])[] = [
  ['Greek', Buffer.from('κόσμε')],
  ['all lengths mixed', Buffer.from('aßр€日本語𐍈😀é\u0301z')],
  [
    'more than 64 bytes',
    Buffer.from('größer als ein Wort, 比一个词更长, больше слова 😀😀😀'.repeat(2)),
  ],
  ...[...edges, ...noncharacters].map((point) => [named(point), character(point)] as const),
];

for (const [name, data] of valid) {
  for (const [how, deliver] of deliveries) {
    test(`8.1 valid text comes back, ${how}: ${name}`, async ({ clients }) => {
      const client = await clients.open();
      await deliver(client, text(data));
      await expectText(client, data);
    });
  }

  test(`8.1 a character may be split between fragments, with a ping in between: ${name}`, async ({
    clients,
  }) => {
    const client = await clients.open();
    for (let cut = 0; cut <= data.length; cut += 1) {
      client.send(text(data.subarray(0, cut), { final: false }), ping(`${cut}`));
      await expectPong(client, `${cut}`);
      client.send(continuation(data.subarray(cut)));
      await expectText(client, data);
    }
    client.send(...fragments(opcodes.text, pieces(data, 1)));
    await expectText(client, data);
  });
}

for (const plane of planes) {
  test(`8.1 every character from ${named(plane)} to ${named(plane + 0xffff)} comes back`, async ({
    clients,
  }) => {
    const client = await clients.open();
    const points = Array.from({ length: 0x1_0000 }, (_, i) => plane + i);
    const all = Buffer.concat(points.filter(isScalar).map(character));
    client.send(text(all), ...fragments(opcodes.text, pieces(all, 9973)));
    await expectText(client, all);
    await expectText(client, all);
  });
}

// `!` stands before the first byte that cannot continue any text.
const invalid: readonly (readonly [string, string])[] = [
  ['a lone first continuation byte', '!80'],
  ['a lone last continuation byte', '!bf'],
  ['two continuation bytes', '!80 bf'],
  ['seven continuation bytes', '!80 bf 80 bf 80 bf 80'],
  ['a continuation byte too many after two bytes', 'c2 80 !80'],
  ['a continuation byte too many after three bytes', 'e1 80 80 !80'],
  ['a continuation byte too many after four bytes', 'f1 80 80 80 !80'],
  ['ASCII after 1 of 2 bytes', 'c3 !20'],
  ['ASCII after 1 of 3 bytes', 'e1 !20'],
  ['ASCII after 2 of 3 bytes', 'e1 80 !20'],
  ['ASCII after 1 of 4 bytes', 'f1 !20'],
  ['ASCII after 2 of 4 bytes', 'f1 80 !20'],
  ['ASCII after 3 of 4 bytes', 'f1 80 80 !20'],
  ['a character after 1 of 2 bytes', 'c3 !c3 a4'],
  ['a character after 2 of 3 bytes', 'e2 82 !e2 82 ac'],
  ['a character after 3 of 4 bytes', 'f0 9f 98 !f0 9f 98 80'],
  ['U+0 in 2 bytes', '!c0 80'],
  ['a slash in 2 bytes', '!c0 af'],
  ['U+7F in 2 bytes', '!c1 bf'],
  ['U+0 in 3 bytes', 'e0 !80 80'],
  ['a slash in 3 bytes', 'e0 !80 af'],
  ['U+7FF in 3 bytes', 'e0 !9f bf'],
  ['U+0 in 4 bytes', 'f0 !80 80 80'],
  ['a slash in 4 bytes', 'f0 !80 80 af'],
  ['U+FFFF in 4 bytes', 'f0 !8f bf bf'],
  ['U+0 in 5 bytes', '!f8 80 80 80 80'],
  ['a slash in 5 bytes', '!f8 80 80 80 af'],
  ['U+1FFFFF in 5 bytes', '!f8 87 bf bf bf'],
  ['U+0 in 6 bytes', '!fc 80 80 80 80 80'],
  ['a slash in 6 bytes', '!fc 80 80 80 80 af'],
  ['U+3FFFFFF in 6 bytes', '!fc 83 bf bf bf bf'],
  ['the surrogate U+D800', 'ed !a0 80'],
  ['the surrogate U+DB7F', 'ed !ad bf'],
  ['the surrogate U+DB80', 'ed !ae 80'],
  ['the surrogate U+DBFF', 'ed !af bf'],
  ['the surrogate U+DC00', 'ed !b0 80'],
  ['the surrogate U+DF80', 'ed !be 80'],
  ['the surrogate U+DFFF', 'ed !bf bf'],
  ['the first surrogate pair', 'ed !a0 80 ed b0 80'],
  ['the last surrogate pair', 'ed !af bf ed bf bf'],
  ['U+110000', 'f4 !90 80 80'],
  ['U+13FFFF', 'f4 !bf bf bf'],
  ['U+140000', '!f5 80 80 80'],
  ['U+1FFFFF', '!f7 bf bf bf'],
  ['U+200000', '!f8 88 80 80 80'],
  ['U+3FFFFFF', '!fb bf bf bf bf'],
  ['U+4000000', '!fc 84 80 80 80 80'],
  ['U+7FFFFFFF', '!fd bf bf bf bf bf'],
  ['FE', '!fe'],
  ['FF', '!ff'],
  ['FE FE FF FF', '!fe fe ff ff'],
];

interface Bad {
  readonly data: Buffer;
  /** Of the first byte that cannot continue any text. */
  readonly at: number;
}

/** Alone, within a few characters, and within so many that a validator takes them in blocks. */
function surrounded(hex: string): Bad[] {
  const bad = bytesOf(hex);
  const at = hex.replaceAll(' ', '').indexOf('!') / 2;
  return ['', 'κόσμε ', 'many characters 😀 '.repeat(5)].map((words) => {
    const around = Buffer.from(words);
    return { data: Buffer.concat([around, bad, around]), at: around.length + at };
  });
}

for (const [name, hex] of invalid) {
  for (const [how, deliver] of deliveries) {
    test(`8.1 invalid text fails the connection, ${how}: ${name}`, async ({ clients }) => {
      for (const { data } of surrounded(hex)) {
        const client = await clients.open();
        await deliver(client, text(data));
        expect(await client.closeCode()).toBe(1007);
      }
    });
  }

  test(`8.1 invalid text in two fragments, cut anywhere, fails the connection: ${name}`, async ({
    clients,
  }) => {
    const data = bytesOf(hex);
    for (let cut = 0; cut <= data.length; cut += 1) {
      const client = await clients.open();
      client.send(...fragments(opcodes.text, [data.subarray(0, cut), data.subarray(cut)]));
      expect(await client.closeCode()).toBe(1007);
    }
  });

  test(`8.1 invalid text in fragments of a byte fails the connection: ${name}`, async ({
    clients,
  }) => {
    for (const { data } of surrounded(hex)) {
      const client = await clients.open();
      client.send(...fragments(opcodes.text, pieces(data, 1)));
      expect(await client.closeCode()).toBe(1007);
    }
  });

  test(`8.1 the first bad byte fails the connection before the frame is whole: ${name}`, async ({
    clients,
  }) => {
    for (const { data, at } of surrounded(hex)) {
      const client = await clients.open();
      const whole = text(Buffer.concat([data, Buffer.alloc(10)]));
      client.send(whole.subarray(0, whole.length - data.length - 10 + at + 1));
      expect(await client.closeCode()).toBe(1007);
    }
  });

  test(`8.1 the first bad byte fails the connection before the last fragment, the one before it does not: ${name}`, async ({
    clients,
  }) => {
    for (const { data, at } of surrounded(hex)) {
      const client = await clients.open();
      client.send(text(data.subarray(0, at), { final: false }));
      await expectAlive(client);
      client.send(continuation(data.subarray(at, at + 1), { final: false }));
      expect(await client.closeCode()).toBe(1007);
    }
  });
}

const truncated = [
  ['c2', 'df', 'e0', 'e0 a0', 'e1 80', 'ed', 'ed 9f', 'ef', 'ef bf'],
  ['f0', 'f0 90', 'f0 90 80', 'f1 80 80', 'f4', 'f4 8f', 'f4 8f bf'],
].flat();

for (const hex of truncated) {
  for (const [how, deliver] of deliveries) {
    test(`8.1 text that ends inside a character fails the connection, ${how}: ${hex}`, async ({
      clients,
    }) => {
      for (const before of ['', 'κόσμε', 'many characters 😀 '.repeat(5)]) {
        const client = await clients.open();
        await deliver(client, text(Buffer.concat([Buffer.from(before), bytesOf(hex)])));
        expect(await client.closeCode()).toBe(1007);
      }
    });
  }

  test(`8.1 an empty last fragment does not end a character: ${hex}`, async ({ clients }) => {
    const client = await clients.open();
    client.send(text(bytesOf(hex), { final: false }));
    await expectAlive(client);
    client.send(continuation('', { final: false }));
    await expectAlive(client);
    client.send(continuation());
    expect(await client.closeCode()).toBe(1007);
  });
}

test('8.1 every byte that begins no character fails the connection', async ({ clients }) => {
  const none = Array.from({ length: 256 }, (_, i) => i).filter(
    (byte) => (byte >= 0x80 && byte < 0xc2) || byte > 0xf4,
  );
  for (const byte of none) {
    const client = await clients.open();
    client.send(text(Buffer.of(byte), { final: false }));
    expect(await client.closeCode()).toBe(1007);
  }
});

test('8.1 a message is checked from its own beginning', async ({ clients }) => {
  const client = await clients.open();
  client.send(text('€'), text('€'), text(bytesOf('e2 82')), text(bytesOf('ac')));
  await expectText(client, '€');
  await expectText(client, '€');
  expect(await client.closeCode()).toBe(1007);
});

test('5.6 a binary message need not be UTF-8', async ({ clients }) => {
  const client = await clients.open();
  for (const [, hex] of invalid) {
    client.send(...fragments(opcodes.binary, pieces(bytesOf(hex), 2)));
    const message = await client.message();
    expect(message.opcode).toBe(opcodes.binary);
    expect(message.data.toString('hex')).toBe(bytesOf(hex).toString('hex'));
  }
});
