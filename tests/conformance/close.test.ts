// RFC 6455 sections 5.5.1 and 7: the closing handshake and its codes.
import { expect } from 'vitest';
import { deliveries, expectAlive, expectEcho, expectText } from './expectations.ts';
import {
  binary,
  close,
  closePayload,
  continuation,
  frame,
  noise,
  opcodes,
  ping,
  pong,
  text,
} from './frames.ts';
import { test } from './stage.ts';

const assigned = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];
const unregistered = [3000, 3001, 3999, 4000, 4001, 4499, 4500, 4999];
const reserved = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1099, 1100, 1999, 2000, 2999];
const outOfRange = [5000, 5001, 9999, 32_768, 65_535];
const maySend = (code: number): boolean =>
  assigned.includes(code) || (code >= 3000 && code <= 4999);

for (const [how, deliver] of deliveries) {
  test(`5.5.1 a close without a code is answered without one, ${how}`, async ({ clients }) => {
    const client = await clients.open();
    await deliver(client, frame(opcodes.close));
    expect(await client.ending()).toEqual({ code: 1005, reason: '' });
  });

  test(`5.5.1 a close of one byte is a protocol error, ${how}`, async ({ clients }) => {
    const client = await clients.open();
    await deliver(client, frame(opcodes.close, 'a'));
    expect(await client.closeCode()).toBe(1002);
  });

  for (const code of [...assigned, ...unregistered]) {
    test(`7.4 the close code ${code} is echoed, ${how}`, async ({ clients }) => {
      for (const reason of ['', 'a reason', 'größer 😀']) {
        const client = await clients.open();
        await deliver(client, close(code, reason));
        expect(await client.closeCode()).toBe(code);
      }
    });
  }

  for (const code of [...reserved, ...outOfRange]) {
    test(`7.4 the close code ${code} is a protocol error, ${how}`, async ({ clients }) => {
      for (const reason of ['', 'a reason']) {
        const client = await clients.open();
        await deliver(client, close(code, reason));
        expect(await client.closeCode()).toBe(1002);
      }
    });
  }

  for (const bytes of [1, 122, 123]) {
    test(`5.5.1 a reason of ${bytes} bytes is taken, ${how}`, async ({ clients }) => {
      const client = await clients.open();
      await deliver(client, close(1000, noise(bytes, 0x80)));
      expect(await client.closeCode()).toBe(1000);
    });
  }

  test(`5.5 a reason of 124 bytes is a protocol error, ${how}`, async ({ clients }) => {
    const client = await clients.open();
    await deliver(client, close(1000, 'a'.repeat(124)));
    expect(await client.closeCode()).toBe(1002);
  });

  for (const hex of ['80', 'ff', 'c0af', 'eda080', 'f4908080', 'e282', 'cebae1bdb9eda080656469']) {
    test(`5.5.1 a reason that is not UTF-8 fails the connection: ${hex}, ${how}`, async ({
      clients,
    }) => {
      const client = await clients.open();
      await deliver(client, close(1000, Buffer.from(hex, 'hex')));
      expect(await client.closeCode()).toBe(1007);
    });
  }
}

test('7.4 of every code that may be sent none is refused, of the others none is taken', async ({
  clients,
}) => {
  for (let code = 900; code < 5100; code += code > 1020 ? 37 : 1) {
    const client = await clients.open();
    client.send(close(code));
    expect([code, await client.closeCode()]).toEqual([code, maySend(code) ? code : 1002]);
  }
});

test('7.4 an invalid code is refused before its reason is looked at', async ({ clients }) => {
  const client = await clients.open();
  client.send(close(1005, Buffer.of(0xff)));
  expect(await client.closeCode()).toBe(1002);
});

test('5.5.1 a reason of 123 bytes may be many characters of several bytes', async ({ clients }) => {
  const client = await clients.open();
  client.send(close(1000, '€'.repeat(41)));
  expect(await client.closeCode()).toBe(1000);
});

const after: readonly (readonly [string, Buffer])[] = [
  ['text', text('after')],
  ['a binary message', binary('after')],
  ['a ping', ping('after')],
  ['a pong', pong('after')],
  ['another close', close(1001)],
  ['a frame with reserved bits', text('after', { rsv: 7 })],
  ['a reserved opcode', frame(3, 'after')],
  ['invalid text', text(Buffer.of(0xff))],
  ['an unmasked frame', text('after', { mask: undefined })],
  ['half a frame', text('after').subarray(0, 4)],
  ['100 KB', binary(noise(100_000))],
];

for (const [what, bytes] of after) {
  test(`5.5.1 what comes after a close is ignored, in its segment: ${what}`, async ({
    clients,
  }) => {
    const client = await clients.open();
    client.send(close(1000), bytes);
    expect(await client.closeCode()).toBe(1000);
  });

  test(`5.5.1 what comes after the answer to a close is ignored: ${what}`, async ({ clients }) => {
    const client = await clients.open();
    client.send(close(1000));
    const answer = await client.frame();
    expect(answer.payload.toString('hex')).toBe(closePayload(1000).toString('hex'));
    client.send(bytes);
    await client.ended();
  });
}

test('5.5.1 what came before a close is answered before it', async ({ clients }) => {
  const client = await clients.open();
  client.send(text('before'), ping('before'), binary(noise(300_000)), close(1000));
  await expectText(client, 'before');
  expect((await client.frame()).opcode).toBe(opcodes.pong);
  await expectEcho(client, opcodes.binary, noise(300_000));
  expect(await client.closeCode()).toBe(1000);
});

for (const [how, deliver] of deliveries) {
  test(`5.4 a close inside a fragmented message is answered at once, ${how}`, async ({
    clients,
  }) => {
    const client = await clients.open();
    await deliver(
      client,
      Buffer.concat([text('never ', { final: false }), close(1000), continuation('ended')]),
    );
    expect(await client.closeCode()).toBe(1000);
  });
}

test('7.1.1 the server ends TCP once both have closed, without waiting for the client', async ({
  clients,
}) => {
  const client = await clients.open(); // whose own end of the stream stays open
  client.send(close(1000));
  expect(await client.closeCode()).toBe(1000);
});

test('7.1.1 after an error the server ends its stream, whatever the client does', async ({
  clients,
}) => {
  const client = await clients.open();
  client.send(text('', { rsv: 1 }));
  expect(await client.closeCode()).toBe(1002);
});

test('7.1.7 after an error nothing is read as a frame any more', async ({ clients }) => {
  const client = await clients.open();
  client.send(text(Buffer.of(0xff)));
  const answer = await client.frame();
  expect(answer.payload.readUInt16BE()).toBe(1007);
  client.send(text('after'), ping(), close(1007));
  await client.ended();
});

test('7.1.5 a close and the end of the stream in one segment are answered', async ({ clients }) => {
  const client = await clients.open();
  client.send(text('last'), close(3000, 'bye'));
  client.endStream();
  await expectText(client, 'last');
  expect(await client.closeCode()).toBe(3000);
});

const unfinished: readonly (readonly [string, Buffer])[] = [
  ['between messages', Buffer.alloc(0)],
  ['inside a header', text('abc').subarray(0, 1)],
  ['inside a mask', text('abc').subarray(0, 4)],
  ['inside a payload', text('abc').subarray(0, 8)],
  ['inside a fragmented message', text('abc', { final: false })],
  ['inside a ping', ping('abc').subarray(0, 7)],
];

for (const [where, bytes] of unfinished) {
  test(`7.1.4 a client that ends TCP without a close is let go without one: ${where}`, async ({
    clients,
  }) => {
    const other = await clients.open();
    const client = await clients.open();
    await expectAlive(client);
    client.send(bytes);
    client.endStream();
    await client.ended();
    await expectAlive(other);
  });

  test(`7.1.4 a client that is gone leaves the others alone: ${where}`, async ({ clients }) => {
    const other = await clients.open();
    const client = await clients.open();
    client.send(bytes);
    client.destroy();
    await expectAlive(other);
  });
}
