// RFC 6455 section 5.2, the header; 5.1 and 5.3, the mask.
import { expect } from 'vitest';
import { deliveries, expectAlive, expectEcho, expectText } from './expectations.ts';
import {
  binary,
  chatLike,
  close,
  continuation,
  frame,
  noise,
  opcodes,
  ping,
  pong,
  text,
  type FrameOptions,
} from './frames.ts';
import { test } from './stage.ts';

const sizes = [0, 1, 2, 125, 126, 127, 128, 65_535, 65_536, 65_537];

for (const size of sizes) {
  test(`5.2 a message of ${size} bytes comes back, text and binary`, async ({ clients }) => {
    const client = await clients.open();
    client.send(text(chatLike(size)), binary(noise(size)));
    await expectEcho(client, opcodes.text, chatLike(size));
    await expectEcho(client, opcodes.binary, noise(size));
  });

  const chop = size > 1000 ? 997 : 1;
  test(`5.2 a message of ${size} bytes in writes of ${chop} bytes comes back`, async ({
    clients,
  }) => {
    const client = await clients.open();
    await client.chop(Buffer.concat([text(chatLike(size)), binary(noise(size))]), chop);
    await expectEcho(client, opcodes.text, chatLike(size));
    await expectEcho(client, opcodes.binary, noise(size));
  });
}

test('5.2 five hundred messages in one write come back in order', async ({ clients }) => {
  const client = await clients.open();
  const payloads = Array.from({ length: 500 }, (_, i) => `${i}:${'x'.repeat(i % 200)}`);
  client.send(...payloads.map((payload) => text(payload)));
  for (const payload of payloads) await expectText(client, payload);
});

const masks = ['00000000', 'ffffffff', '01020304', '80000000', '000000ff'];

for (const mask of masks) {
  test(`5.3 the mask ${mask} is taken off`, async ({ clients }) => {
    const client = await clients.open();
    client.send(text(chatLike(1003), { mask: Buffer.from(mask, 'hex') }));
    await expectText(client, chatLike(1003));
  });
}

test('5.3 each fragment has a mask of its own', async ({ clients }) => {
  const client = await clients.open();
  client.send(
    text('abcde', { final: false, mask: Buffer.from('01020304', 'hex') }),
    continuation('fgh', { final: false, mask: Buffer.from('00000000', 'hex') }),
    continuation('ijklm', { mask: Buffer.from('fffefdfc', 'hex') }),
  );
  await expectText(client, 'abcdefghijklm');
});

for (const [name, opcode] of Object.entries(opcodes)) {
  test(`5.1 a ${name} frame without a mask is a protocol error`, async ({ clients }) => {
    const client = await clients.open();
    const start = opcode === opcodes.continuation ? [text('a', { final: false })] : [];
    client.send(...start, frame(opcode, '', { mask: undefined }));
    expect(await client.closeCode()).toBe(1002);
  });
}

test('5.1 a missing mask is seen before the payload', async ({ clients }) => {
  const client = await clients.open();
  client.send(text('hello', { mask: undefined }).subarray(0, 2));
  expect(await client.closeCode()).toBe(1002);
});

const padded: readonly (readonly [string, FrameOptions])[] = [
  ...[0n, 1n, 125n].map((n) => [`${n} in 16 bits`, { declared: n, length: 16 }] as const),
  ...[0n, 125n, 126n, 65_535n].map(
    (n) => [`${n} in 64 bits`, { declared: n, length: 64 }] as const,
  ),
  ['2^63 in 64 bits', { declared: 2n ** 63n, length: 64 }],
  ['2^64 - 1 in 64 bits', { declared: 2n ** 64n - 1n, length: 64 }],
];

for (const [what, options] of padded) {
  for (const [how, deliver] of deliveries) {
    test(`5.2 a length not in its shortest form, or too long for any, is a protocol error: ${what}, ${how}`, async ({
      clients,
    }) => {
      const client = await clients.open();
      client.send(text('before'));
      await expectText(client, 'before');
      await deliver(client, binary('', options)); // its header alone
      expect(await client.closeCode()).toBe(1002);
    });
  }

  test(`5.2 the same of a continuation: ${what}`, async ({ clients }) => {
    const client = await clients.open();
    client.send(text('begun', { final: false }), continuation('', options));
    expect(await client.closeCode()).toBe(1002);
  });
}

for (const [name, make] of [
  ['ping', ping],
  ['pong', pong],
] as const) {
  test(`5.2 a ${name} whose length is not in its shortest form is a protocol error`, async ({
    clients,
  }) => {
    const client = await clients.open();
    client.send(make('abc', { length: 16 }));
    expect(await client.closeCode()).toBe(1002);
  });
}

test('7.1.7 what was sent before an error is answered, what comes after it is not', async ({
  clients,
}) => {
  const client = await clients.open();
  await expectAlive(client);
  client.send(text('before'), text('bad', { rsv: 1 }), text('after'), ping(), close(1000));
  await expectText(client, 'before');
  expect(await client.closeCode()).toBe(1002);
});
