// RFC 7692 sections 6 and 7.2.2: what fails a connection that compresses.
import { expect } from 'vitest';
import { compress } from './deflate.ts';
import { deliveries, expectAlive, expectEcho, expectText } from './expectations.ts';
import {
  binary,
  chatLike,
  closePayload,
  continuation,
  fragments,
  frame,
  noise,
  opcodes,
  pieces,
  rsv1,
  text,
} from './frames.ts';
import { test } from './stage.ts';

const offers = ['permessage-deflate'];
const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');

for (const final of [true, false]) {
  const which = final ? 'the last' : 'a middle';
  test(`RFC 7692 6.1 RSV1 on ${which} fragment is a protocol error`, async ({ clients }) => {
    for (const rsv of [rsv1, 0]) {
      const client = await clients.open({ offers });
      const payload = rsv === rsv1 ? client.compress('begun') : Buffer.from('begun');
      client.send(text(payload, { rsv, final: false }));
      await expectAlive(client);
      client.send(continuation('', { rsv: rsv1, final }));
      expect(await client.closeCode()).toBe(1002);
    }
  });
}

for (const [name, opcode, payload] of [
  ['close', opcodes.close, closePayload(1000)],
  ['ping', opcodes.ping, Buffer.from('ping')],
  ['pong', opcodes.pong, Buffer.from('pong')],
] as const) {
  test(`RFC 7692 6.1 RSV1 on a ${name} frame is a protocol error`, async ({ clients }) => {
    for (const bytes of [payload, compress(payload)]) {
      const client = await clients.open({ offers });
      client.send(frame(opcode, bytes, { rsv: rsv1 }));
      expect(await client.closeCode()).toBe(1002);
    }
  });

  test(`RFC 7692 6.1 the same between compressed fragments: ${name}`, async ({ clients }) => {
    const client = await clients.open({ offers });
    client.send(text(client.compress('begun'), { rsv: rsv1, final: false }));
    client.send(frame(opcode, payload, { rsv: rsv1 }));
    expect(await client.closeCode()).toBe(1002);
  });
}

for (const rsv of [1, 2, 3, 5, 6, 7]) {
  test(`RFC 7692 6 the other reserved bits stay a protocol error: ${rsv}`, async ({ clients }) => {
    const client = await clients.open({ offers });
    client.send(text(client.compress('bits'), { rsv }));
    expect(await client.closeCode()).toBe(1002);
  });
}

test('RFC 7692 6.1 RSV1 without the extension is a protocol error', async ({ clients }) => {
  const client = await clients.open();
  client.send(text(compress('hello'), { rsv: rsv1 }));
  expect(await client.closeCode()).toBe(1002);
});

const long = compress(chatLike(2000));
const corrupt: readonly (readonly [string, Buffer])[] = [
  ['the reserved kind of block', hex('06')],
  ['the reserved kind of block, final', hex('07 00')],
  ['it after a good block', hex('f2 48 cd c9 c9 07 00 00 00 ff ff 06')],
  ['a stored block whose length is not confirmed', hex('00 05 00 00 00 48 65 6c 6c 6f 00')],
  ['a stored block cut short', hex('00 05 00 fa ff 48 65 6c')],
  ['a stored length cut short', hex('00 05')],
  ['a fixed block cut short', hex('f2 48 cd')],
  ['a final block without the byte behind it', hex('f3 48 cd c9 c9 07 00')],
  ['a dynamic block cut short', long.subarray(0, long.length / 2)],
  ['a dynamic block cut in its tables', long.subarray(0, 10)],
  ['too many codes', hex('fc ff ff ff ff ff ff')],
  ['a distance before the beginning', hex('f2 00 11 00 00')],
  ['noise', noise(1000)],
  ['text that is not compressed', Buffer.from('~~~~ plain text ~~~~')],
  ['0xFF', Buffer.alloc(100, 0xff)],
];

for (const takeover of ['', '; client_no_context_takeover']) {
  const offered = [`permessage-deflate${takeover}`];
  for (const [what, payload] of corrupt) {
    for (const [how, deliver] of deliveries) {
      test(`RFC 7692 7.2.2 what is no DEFLATE data fails the connection: ${what}, ${how}${takeover}`, async ({
        clients,
      }) => {
        for (const make of [text, binary]) {
          const client = await clients.open({ offers: offered });
          await deliver(client, make(payload, { rsv: rsv1 }));
          expect(await client.closeCode()).toBe(1007);
        }
      });
    }

    test(`RFC 7692 7.2.2 what is no DEFLATE data fails the connection: ${what}, in fragments${takeover}`, async ({
      clients,
    }) => {
      const client = await clients.open({ offers: offered });
      client.send(...fragments(opcodes.binary, pieces(payload, 3), rsv1));
      expect(await client.closeCode()).toBe(1007);
    });
  }

  for (const digits of ['ff', 'c0af', 'eda080', 'f4908080', '80', 'e282', 'f09f98']) {
    test(`RFC 6455 8.1 compressed text is UTF-8 as well: ${digits}${takeover}`, async ({
      clients,
    }) => {
      const before = Buffer.from('many characters 😀 '.repeat(5));
      for (const bytes of [hex(digits), Buffer.concat([before, hex(digits)])]) {
        for (const payload of [compress(bytes), compress(bytes, { level: 0 })]) {
          for (const size of [1, 1000]) {
            const client = await clients.open({ offers: offered });
            client.send(...fragments(opcodes.text, pieces(payload, size), rsv1));
            expect(await client.closeCode()).toBe(1007);
          }
        }
      }
    });

    test(`RFC 6455 5.6 a compressed binary message need not be: ${digits}${takeover}`, async ({
      clients,
    }) => {
      const client = await clients.open({ offers: offered });
      client.send(binary(client.compress(hex(digits)), { rsv: rsv1 }));
      await expectEcho(client, opcodes.binary, hex(digits));
    });
  }

  test(`RFC 7692 7.2.2 what came before corrupt data is answered${takeover}`, async ({
    clients,
  }) => {
    const client = await clients.open({ offers: offered });
    client.send(text(client.compress('before'), { rsv: rsv1 }));
    client.send(text(hex('06'), { rsv: rsv1 }), text(client.compress('after'), { rsv: rsv1 }));
    await expectText(client, 'before');
    expect(await client.closeCode()).toBe(1007);
  });
}

const early: readonly (readonly [string, Buffer])[] = [
  ['corrupt data', hex('06 00 00 00')],
  ['bad text', compress(Buffer.concat([hex('ff'), Buffer.alloc(50, 0x61)]), { level: 0 })],
];

for (const [what, payload] of early) {
  test(`RFC 7692 7.2.2 with context takeover it fails before the frame is whole: ${what}`, async ({
    clients,
  }) => {
    const client = await clients.open({ offers });
    const whole = text(Buffer.concat([payload, Buffer.alloc(20)]), { rsv: rsv1 });
    client.send(whole.subarray(0, -20));
    expect(await client.closeCode()).toBe(1007);
  });

  test(`RFC 7692 7.2.2 with context takeover it fails before the last fragment: ${what}`, async ({
    clients,
  }) => {
    const client = await clients.open({ offers });
    client.send(text('', { rsv: rsv1, final: false }));
    await expectAlive(client);
    client.send(continuation(payload, { final: false }));
    expect(await client.closeCode()).toBe(1007);
  });
}
