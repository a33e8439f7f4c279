// The same protocol at `/` of a chat server, and the rules of its own (docs/protocol.md).
import { expect } from 'vitest';
import { compress } from './deflate.ts';
import { expectAlive, expectPong } from './expectations.ts';
import {
  binary,
  close,
  continuation,
  fragments,
  frame,
  opcodes,
  pieces,
  ping,
  pong,
  rsv1,
  text,
} from './frames.ts';
import { newKey, upgradeRequest, type OpenOptions, type RawClient } from './raw_client.ts';
import { chatLimit, chatTest as test, type Clients } from './stage.ts';

async function json(client: RawClient): Promise<unknown> {
  const { opcode, data } = await client.message();
  expect(opcode).toBe(opcodes.text);
  return JSON.parse(data.toString());
}

async function open(clients: Clients, options: OpenOptions = {}): Promise<RawClient> {
  const client = await clients.open(options);
  expect(await json(client)).toMatchObject({ type: 'welcome' });
  return client;
}

/** A chat in no room: its answer names the error and the id, and nothing else follows it. */
const chat = (id: string, padding = 0): Buffer =>
  Buffer.from(
    `{"type":"chat",${' '.repeat(padding)}"payload":{"message":"größer 😀","id":"${id}"}}`,
  );

const refusal = (id: string) => ({ type: 'error', payload: { code: 'not_registered', id } });

async function expectAnswer(client: RawClient, id: string): Promise<void> {
  expect(await json(client)).toMatchObject(refusal(id));
}

/** Exactly so many bytes. */
const chatOf = (id: string, bytes: number): Buffer => chat(id, bytes - chat(id).length);

const deflates = [undefined, 'permessage-deflate', 'permessage-deflate; client_max_window_bits=9'];

for (const offer of deflates) {
  const options = offer === undefined ? {} : { offers: [offer] };
  const how = offer === undefined ? 'plain' : `offered ${offer}`;
  const rsv = offer === undefined ? 0 : rsv1;
  const payloadOf = (client: RawClient, data: Buffer): Buffer =>
    offer === undefined ? data : client.compress(data);

  test(`5.4 a message is understood whole, in bytes and in fragments of any size, ${how}`, async ({
    clients,
  }) => {
    const client = await open(clients, options);
    client.send(text(payloadOf(client, chat('whole')), { rsv }));
    await expectAnswer(client, 'whole');
    await client.chop(text(payloadOf(client, chat('bytes')), { rsv }));
    await expectAnswer(client, 'bytes');
    for (const size of [1, 2, 7, 30]) {
      const parts = pieces(payloadOf(client, chat(`by ${size}`)), size);
      client.send(...fragments(opcodes.text, parts, rsv));
      await expectAnswer(client, `by ${size}`);
    }
  });

  test(`5.4 pings between fragments are answered first, ${how}`, async ({ clients }) => {
    const client = await open(clients, options);
    const parts = pieces(payloadOf(client, chat('slow')), 30);
    for (const fragment of fragments(opcodes.text, parts, rsv)) client.send(ping('p'), fragment);
    for (const _ of parts) await expectPong(client, 'p');
    await expectAnswer(client, 'slow');
  });

  test(`10.4 a message of the limit is understood, ${how}`, async ({ clients }) => {
    const client = await open(clients, options);
    const data = payloadOf(client, chatOf('whole', chatLimit));
    client.send(text(data, { rsv }));
    await expectAnswer(client, 'whole');
    const again = payloadOf(client, chatOf('parts', chatLimit));
    client.send(...fragments(opcodes.text, pieces(again, 1000), rsv));
    await expectAnswer(client, 'parts');
  });

  test(`10.4 a message of one byte more is too big, ${how}`, async ({ clients }) => {
    for (const size of [100, 100_000]) {
      const client = await open(clients, options);
      const data = payloadOf(client, chatOf('big', chatLimit + 1));
      client.send(...fragments(opcodes.text, pieces(data, size), rsv));
      expect(await client.closeCode()).toBe(1009);
    }
  });

  test(`8.1 text that is not UTF-8 fails the connection, ${how}`, async ({ clients }) => {
    for (const hex of ['ff', 'c0af', 'eda080', 'f4908080', 'e282']) {
      const bad = Buffer.concat([chat('bad'), Buffer.from(hex, 'hex')]);
      for (const size of [1, 1000]) {
        const client = await open(clients, options);
        client.send(...fragments(opcodes.text, pieces(payloadOf(client, bad), size), rsv));
        expect(await client.closeCode()).toBe(1007);
      }
    }
  });

  for (const final of [true, false]) {
    test(`7.4.1 binary is not taken, ${final ? 'whole' : 'a fragment'}, ${how}`, async ({
      clients,
    }) => {
      for (const data of [Buffer.alloc(0), chat('binary'), Buffer.alloc(100_000)]) {
        const client = await open(clients, options);
        client.send(binary(payloadOf(client, data), { rsv, final }), ping());
        expect(await client.closeCode()).toBe(1003);
      }
    });
  }
}

test('7.4.1 binary is refused at its first byte, after what came before', async ({ clients }) => {
  const client = await open(clients);
  client.send(text(chat('before')), binary().subarray(0, 1));
  await expectAnswer(client, 'before');
  expect(await client.closeCode()).toBe(1003);
});

test('8.1 the first bad byte fails the connection before the frame is whole', async ({
  clients,
}) => {
  const client = await open(clients);
  client.send(text(Buffer.from('eda0800000', 'hex')).subarray(0, 8));
  expect(await client.closeCode()).toBe(1007);
});

for (const bytes of [chatLimit + 1, 2 ** 31, 2 ** 53]) {
  test(`10.4 a frame of ${bytes} bytes is refused by its header`, async ({ clients }) => {
    const client = await open(clients);
    client.send(text('', { declared: BigInt(bytes) }));
    expect(await client.closeCode()).toBe(1009);
    const inParts = await open(clients);
    inParts.send(text('a', { final: false }), continuation('', { declared: BigInt(bytes) }));
    expect(await inParts.closeCode()).toBe(1009);
  });
}

test('RFC 7692 8 a bomb is too big', async ({ clients }) => {
  const bomb = compress(Buffer.alloc(8 * 1024 * 1024, 0x20));
  for (const size of [bomb.length, 100]) {
    const client = await open(clients, { offers: ['permessage-deflate'] });
    client.send(...fragments(opcodes.text, pieces(bomb, size), rsv1));
    expect(await client.closeCode()).toBe(1009);
  }
});

test('RFC 7692 7.2.2 what is no DEFLATE data fails the connection, and no other', async ({
  clients,
}) => {
  const offers = ['permessage-deflate'];
  const other = await open(clients, { offers });
  for (const hex of ['06', '0700', 'f2001100', 'f248cd']) {
    const client = await open(clients, { offers });
    client.send(text(Buffer.from(hex, 'hex'), { rsv: rsv1 }));
    expect(await client.closeCode()).toBe(1007);
    other.send(text(other.compress(chat(hex)), { rsv: rsv1 })); // they share one decompressor
    await expectAnswer(other, hex);
  }
});

for (const [offer, window] of [
  ['permessage-deflate', undefined],
  ['permessage-deflate; client_max_window_bits', undefined],
  ['permessage-deflate; server_no_context_takeover', undefined],
  ['permessage-deflate; server_max_window_bits=15', 15],
  ['permessage-deflate; server_max_window_bits=14, permessage-deflate', undefined],
] as const) {
  test(`RFC 7692 7.1.1 nothing is remembered by either side: ${offer}`, async ({ clients }) => {
    const client = await open(clients, { offers: [offer] });
    expect(client.agreed).toEqual({
      server_no_context_takeover: true,
      client_no_context_takeover: true,
      server_max_window_bits: window,
      client_max_window_bits: undefined,
    });
    for (const id of ['first', 'second']) {
      client.send(text(client.compress(chat(id)), { rsv: rsv1 }));
      await expectAnswer(client, id);
    }
  });
}

for (const offer of [8, 9, 14].map(
  (bits) => `permessage-deflate; server_max_window_bits=${bits}`,
)) {
  test(`RFC 7692 7.1.2.1 a smaller window of the server is declined: ${offer}`, async ({
    clients,
  }) => {
    const client = await open(clients, { offers: [offer] });
    expect(client.agreed).toBeUndefined();
    await expectAlive(client);
  });
}

test('1.9 spillway.batch.v1 is agreed on, and its messages are arrays', async ({ clients }) => {
  const headers = ['Sec-WebSocket-Protocol: chat, spillway.batch.v1'];
  const client = await clients.open({ headers });
  expect(client.answer?.headers.get('sec-websocket-protocol')).toBe('spillway.batch.v1');
  expect(await json(client)).toMatchObject([{ type: 'welcome' }]);
  client.send(text(chat('array')));
  expect(await json(client)).toMatchObject([refusal('array')]);
});

test('5.5.2 pings are answered, pongs are not', async ({ clients }) => {
  const client = await open(clients);
  for (const size of [0, 1, 125]) {
    client.send(pong('nobody asked'), ping(Buffer.alloc(size, 0x61)));
    await expectPong(client, 'a'.repeat(size));
  }
});

for (const [sent, answer] of [
  ...[1000, 1001, 1007, 1011, 1014, 3000, 4000, 4999].map((code) => [code, code] as const),
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535].map(
    (code) => [code, 1002] as const,
  ),
]) {
  test(`7.4 the close code ${sent} is answered ${answer}`, async ({ clients }) => {
    const client = await open(clients);
    client.send(close(sent, 'a reason'), text(chat('after')));
    expect(await client.closeCode()).toBe(answer);
  });
}

const broken: readonly (readonly [string, Buffer])[] = [
  ['half a close code', frame(opcodes.close, 'a')],
  ['a reserved bit', text(chat('bad'), { rsv: 1 })],
  ['RSV1 without compression', text(chat('bad'), { rsv: rsv1 })],
  ['a reserved opcode', frame(3)],
  ['no mask', text(chat('bad'), { mask: undefined })],
  ['a length that is not the shortest', text('', { declared: 5n, length: 16 })],
  ['a long ping', ping(Buffer.alloc(126))],
  ['a fragmented ping', ping('', { final: false })],
  ['a continuation of nothing', continuation('bad')],
];

for (const [what, bytes] of broken) {
  test(`5 a protocol error is answered 1002: ${what}`, async ({ clients }) => {
    const client = await open(clients);
    client.send(text(chat('before')), bytes);
    await expectAnswer(client, 'before');
    expect(await client.closeCode()).toBe(1002);
  });
}

test('4.1 a message in the segment of the request is answered after the welcome', async ({
  clients,
}) => {
  await expectAnswer(await open(clients, { early: text(chat('early')) }), 'early');
});

for (const path of ['/chat', '/index.html', '//', '/healthz', '/metrics', '/%2f']) {
  test(`4.2.2 there is no WebSocket at ${path}`, async ({ clients }) => {
    const client = clients.tcp();
    const answer = await client.http(upgradeRequest(newKey(), { path }));
    expect(answer.status).toBe(404);
    await client.ended();
  });
}

test('4.2.2 a query does not matter', async ({ clients }) => {
  await expectAlive(await open(clients, { path: '/?room=lobby' }));
});

test('4.2.1 a plain GET is told to upgrade', async ({ clients }) => {
  const answer = await clients.tcp().http('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  expect(answer.status).toBe(426);
  expect(answer.headers.get('upgrade')).toBe('websocket');
  expect(answer.headers.get('connection')).toBe('keep-alive, Upgrade');
});

test('7.1.4 a client that ends TCP without a close is let go without one', async ({ clients }) => {
  const client = await open(clients);
  client.send(text(chat('half')).subarray(0, 20));
  client.endStream();
  await client.ended();
});
