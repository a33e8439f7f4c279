// RFC 7692 sections 6 and 7.2: messages that are compressed, in every form that decompresses.
import { constants } from 'node:zlib';
import { expect } from 'vitest';
import { compress } from './deflate.ts';
import { deliveries, expectEcho, expectPong, expectText } from './expectations.ts';
import {
  binary,
  chatLike,
  continuation,
  fragments,
  frame,
  noise,
  opcodes,
  pieces,
  ping,
  pong,
  rsv1,
  text,
} from './frames.ts';
import { test } from './stage.ts';

const offers = [
  'permessage-deflate',
  'permessage-deflate; client_max_window_bits',
  'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
  'permessage-deflate; server_max_window_bits=8; client_max_window_bits=8',
  'permessage-deflate; server_max_window_bits=9; client_max_window_bits=9',
  'permessage-deflate; server_max_window_bits=12; client_no_context_takeover',
  'permessage-deflate; server_no_context_takeover; client_max_window_bits=10; server_max_window_bits=9',
  'permessage-deflate; server_max_window_bits=15; client_max_window_bits=15',
];

const sizes = [0, 1, 16, 64, 125, 126, 127, 256, 1024, 4096, 8192, 16_384, 32_768, 65_535, 65_536];
const all = [...sizes, 131_072];

for (const offer of offers) {
  test(`RFC 7692 7.2 messages of 0 to 128 KiB come back: ${offer}`, async ({ clients }) => {
    const client = await clients.open({ offers: [offer] });
    for (const size of all) {
      for (const data of [chatLike(size), noise(size, 0x80), chatLike(size)]) {
        client.send(text(client.compress(data), { rsv: rsv1 }));
        await expectEcho(client, opcodes.text, data);
      }
      for (const data of [noise(size), Buffer.alloc(size)]) {
        client.send(binary(client.compress(data), { rsv: rsv1 }));
        await expectEcho(client, opcodes.binary, data);
      }
    }
  });

  test(`RFC 7692 7.2 small messages come back again and again: ${offer}`, async ({ clients }) => {
    const client = await clients.open({ offers: [offer] });
    for (let i = 0; i < 200; i += 1) {
      const data = chatLike(i);
      client.send(text(client.compress(data), { rsv: rsv1 }));
      await expectText(client, data);
    }
  });

  for (const size of [1, 2, 100, 4096]) {
    test(`RFC 7692 6.1 a compressed message in fragments of ${size} bytes comes back: ${offer}`, async ({
      clients,
    }) => {
      const client = await clients.open({ offers: [offer] });
      for (const data of [chatLike(0), chatLike(20 * size), noise(2 * size + 1, 0x80)]) {
        client.send(...fragments(opcodes.text, pieces(client.compress(data), size), rsv1));
        await expectText(client, data);
      }
    });
  }

  test(`RFC 7692 6.1 compressed and plain messages alternate: ${offer}`, async ({ clients }) => {
    const client = await clients.open({ offers: [offer] });
    for (let i = 0; i < 10; i += 1) {
      client.send(text(client.compress(chatLike(200)), { rsv: rsv1 }), text(chatLike(300)));
      client.send(...fragments(opcodes.binary, pieces(noise(100), 30)));
      await expectText(client, chatLike(200));
      await expectText(client, chatLike(300)); // 6.1: no memory of it is kept
      await expectEcho(client, opcodes.binary, noise(100));
    }
  });
}

for (const [how, deliver] of deliveries) {
  test(`RFC 7692 6.1 control frames between compressed fragments are plain, ${how}`, async ({
    clients,
  }) => {
    const client = await clients.open({ offers: ['permessage-deflate'] });
    const data = Buffer.from('größer 😀 '.repeat(5));
    const compressed = client.compress(data);
    const parts = fragments(
      opcodes.text,
      pieces(compressed, Math.ceil(compressed.length / 3)),
      rsv1,
    );
    expect(parts.length).toBe(3);
    const [first = ping(), second = ping(), third = ping()] = parts;
    await deliver(client, Buffer.concat([first, ping('one'), second, pong(), ping('two'), third]));
    await expectPong(client, 'one');
    await expectPong(client, 'two');
    await expectText(client, data);
  });

  test(`RFC 7692 6.1 empty fragments around compressed data do not matter, ${how}`, async ({
    clients,
  }) => {
    const client = await clients.open({ offers: ['permessage-deflate'] });
    const parts = [Buffer.alloc(0), client.compress('hello'), Buffer.alloc(0), Buffer.alloc(0)];
    await deliver(client, Buffer.concat(fragments(opcodes.text, parts, rsv1)));
    await expectText(client, 'hello');
  });
}

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const { Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE } = constants;

/** One block of `compress`, and an empty stored block that begins the next byte. */
const block = (data: string, level: number): Buffer =>
  Buffer.concat([compress(data, { level }), hex('00 00 ff ff')]);

const forms: readonly (readonly [string, Buffer, string | Buffer])[] = [
  ['7.2.3.1 one fixed block', hex('f2 48 cd c9 c9 07 00'), 'Hello'],
  ['7.2.3.3 a stored block', hex('00 05 00 fa ff 48 65 6c 6c 6f 00'), 'Hello'],
  ['7.2.3.4 a final block', hex('f3 48 cd c9 c9 07 00 00'), 'Hello'],
  ['7.2.3.5 two blocks', hex('f2 48 05 00 00 00 ff ff ca c9 c9 07 00'), 'Hello'],
  ['7.2.3.6 an empty message', hex('00'), ''],
  ['7.2.3.6 an empty message, fixed', hex('02 00'), ''],
  ['an empty message, final', hex('03 00 00'), ''],
  ['an empty message, without any byte', hex(''), ''],
  [
    'an empty message in five blocks',
    hex('00 00 00 ff ff 00 00 00 ff ff 02 00 00 00 ff ff 00'),
    '',
  ],
  ['two final blocks', hex('f3 48 cd c9 c9 07 00 f3 48 cd c9 c9 07 00 00'), 'HelloHello'],
  ['a final and a stored block', hex('f3 48 cd c9 c9 07 00 00 01 00 fe ff 21 00'), 'Hello!'],
  ['a final stored block', hex('01 05 00 fa ff 48 65 6c 6c 6f 00'), 'Hello'],
  ['level 0', compress(chatLike(100_000), { level: 0 }), chatLike(100_000)],
  ['level 1', compress(chatLike(100_000), { level: 1 }), chatLike(100_000)],
  ['level 9', compress(chatLike(100_000), { level: 9 }), chatLike(100_000)],
  ['fixed codes', compress(chatLike(9000), { strategy: Z_FIXED }), chatLike(9000)],
  ['Huffman codes only', compress(chatLike(9000), { strategy: Z_HUFFMAN_ONLY }), chatLike(9000)],
  ['runs', compress('a'.repeat(9000), { strategy: Z_RLE }), 'a'.repeat(9000)],
  ['many blocks', compress(noise(100_000, 99), { memLevel: 1 }), noise(100_000, 99)],
  [
    'stored, fixed and dynamic',
    Buffer.concat([block('ab', 0), block('cd', 1), compress(chatLike(5000))]),
    `abcd${chatLike(5000).toString()}`,
  ],
];

for (const [name, payload, data] of forms) {
  for (const takeover of ['', '; client_no_context_takeover']) {
    for (const [how, deliver] of deliveries) {
      if (payload.length > 2000 && how === 'in single bytes') continue;
      test(`RFC 7692 7.2.2 decompressed: ${name}, ${how}${takeover}`, async ({ clients }) => {
        const client = await clients.open({ offers: [`permessage-deflate${takeover}`] });
        for (let i = 0; i < 2; i += 1) {
          await deliver(client, text(payload, { rsv: rsv1 }));
          await expectText(client, data);
        }
      });
    }

    test(`RFC 7692 7.2.2 decompressed: ${name}, in fragments${takeover}`, async ({ clients }) => {
      const client = await clients.open({ offers: [`permessage-deflate${takeover}`] });
      for (const size of [1, 3, 1000]) {
        if (payload.length / size > 2000) continue;
        client.send(...fragments(opcodes.text, pieces(payload, size), rsv1));
        await expectText(client, data);
      }
    });
  }
}

test('RFC 7692 7.2.3.4 a final block does not empty the window', async ({ clients }) => {
  const client = await clients.open({ offers: ['permessage-deflate'] });
  client.send(text(hex('f3 48 cd c9 c9 07 00 00'), { rsv: rsv1 }));
  await expectText(client, 'Hello');
  // 7.2.3.2: "Hello" again, as a reference to the first one.
  client.send(text(hex('f2 00 11 00 00'), { rsv: rsv1 }));
  await expectText(client, 'Hello');
});

test('RFC 7692 7.2.3.2 the window goes on from message to message', async ({ clients }) => {
  const client = await clients.open({ offers: ['permessage-deflate'] });
  client.send(text(hex('f2 48 cd c9 c9 07 00'), { rsv: rsv1 }));
  client.send(text(hex('f2 00 11 00 00'), { rsv: rsv1 }));
  await expectText(client, 'Hello');
  await expectText(client, 'Hello');
});

test('RFC 7692 6.2 a character may be split between compressed fragments', async ({ clients }) => {
  const client = await clients.open({ offers: ['permessage-deflate'] });
  const stored = compress('€😀', { level: 0 });
  for (let cut = 0; cut <= stored.length; cut += 1) {
    const [first, rest] = [stored.subarray(0, cut), stored.subarray(cut)];
    client.send(text(first, { rsv: rsv1, final: false }), ping(), continuation(rest));
    await expectPong(client, '');
    await expectText(client, '€😀');
  }
});

test('RFC 7692 7.2.1 the server compresses, and even an empty message', async ({ clients }) => {
  const client = await clients.open({ offers: ['permessage-deflate'] });
  client.send(frame(opcodes.text, chatLike(4000)), text());
  const long = await client.message();
  expect([long.compressed, long.data.length]).toEqual([true, 4000]);
  expect(long.wireBytes).toBeLessThan(1000);
  const empty = await client.message();
  expect([empty.compressed, empty.data.length]).toEqual([true, 0]);
  expect(empty.wireBytes).toBe(1); // 7.2.3.6
});
