// RFC 7692 sections 7.1.1, 7.1.2 and 7.2.1: what is remembered between messages, and how far back.
import { expect } from 'vitest';
import { compress, Window } from './deflate.ts';
import { expectEcho } from './expectations.ts';
import { binary, noise, opcodes, rsv1, text } from './frames.ts';
import type { RawClient } from './raw_client.ts';
import { test } from './stage.ts';

const bits = [8, 9, 10, 11, 12, 13, 14, 15];

/** Sends it plain and returns how many bytes the echo took. */
async function echoedIn(client: RawClient, data: Buffer): Promise<number> {
  client.send(binary(data));
  const message = await client.message();
  expect(message.data.equals(data)).toBe(true);
  return message.wireBytes;
}

for (const bit of bits) {
  const offer = `permessage-deflate; server_max_window_bits=${bit}`;
  // zlib looks back 262 bytes less than its window, and has none smaller than 512.
  const remembered = Math.max(2 ** bit - 262, 250) - 100;

  test(`RFC 7692 7.1.1 the server remembers its messages: ${bit} bits`, async ({ clients }) => {
    const client = await clients.open({ offers: [offer] });
    const data = noise(remembered);
    expect(await echoedIn(client, data)).toBeGreaterThan(data.length);
    expect(await echoedIn(client, data)).toBeLessThan(data.length / 2);
  });

  test(`RFC 7692 7.1.1.1 it forgets them when it said so: ${bit} bits`, async ({ clients }) => {
    const client = await clients.open({ offers: [`${offer}; server_no_context_takeover`] });
    const data = noise(remembered);
    for (let i = 0; i < 3; i += 1) {
      expect(await echoedIn(client, data)).toBeGreaterThan(data.length);
    }
  });

  test(`RFC 7692 7.1.2.1 it never reaches past the agreed window: ${bit} bits`, async ({
    clients,
  }) => {
    const client = await clients.open({ offers: [offer] });
    // Repetitions at distances around the window; message() throws on one that is too far.
    const most = 2 ** bit;
    for (const distance of [most - 300, most - 262, most - 1, most, most + 1, 2 * most]) {
      if (distance < 50) continue;
      const data = noise(50);
      await echoedIn(client, data);
      await echoedIn(client, noise(distance - 50));
      await echoedIn(client, Buffer.concat([data, data]));
    }
  });
}

test('RFC 7692 7.1.2.1 these tests notice a distance past the window', () => {
  const data = noise(3000);
  const wide = new Window(15, true);
  const narrow = new Window(9, true);
  expect(narrow.decompress(wide.compress(data)).equals(data)).toBe(true);
  const reachesBack = wide.compress(data);
  expect(reachesBack.length).toBeLessThan(300);
  expect(() => narrow.decompress(reachesBack)).toThrow('invalid distance too far back');
});

for (const [agreed, answer] of [
  ['client_no_context_takeover', 1007],
  ['client_max_window_bits=9', 1007],
  ['client_max_window_bits=13', undefined],
  ['client_max_window_bits=15', undefined],
] as const) {
  test(`RFC 7692 7.1.1.2 and 7.1.2.2 a client that reaches 4000 bytes back with ${agreed} ${answer === undefined ? 'is understood' : 'fails'}`, async ({
    clients,
  }) => {
    const client = await clients.open({ offers: [`permessage-deflate; ${agreed}`] });
    const data = noise(4000);
    client.send(binary(compress(data, { level: 0 }), { rsv: rsv1 }));
    await expectEcho(client, opcodes.binary, data);
    const again = compress(data, { dictionary: data });
    expect(again.length).toBeLessThan(100);
    client.send(binary(again, { rsv: rsv1 }));
    if (answer === undefined) await expectEcho(client, opcodes.binary, data);
    else expect(await client.closeCode()).toBe(answer);
  });
}

test('RFC 7692 7.1.1.2 a client may forget although it need not', async ({ clients }) => {
  const client = await clients.open({ offers: ['permessage-deflate'] });
  for (let i = 0; i < 10; i += 1) {
    client.send(text(compress(noise(3000, 9)), { rsv: rsv1 }));
    await expectEcho(client, opcodes.text, noise(3000, 9));
  }
});
