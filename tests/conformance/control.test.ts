// RFC 6455 sections 5.5, 5.5.2 and 5.5.3: control frames, pings and pongs.
import { expect } from 'vitest';
import { deliveries, expectAlive, expectPong, expectText } from './expectations.ts';
import { continuation, frame, noise, opcodes, ping, pieces, pong, text } from './frames.ts';
import { test } from './stage.ts';

for (const [how, deliver] of deliveries) {
  test(`5.5.2 a ping of each length from 0 to 125 is answered with its payload, ${how}`, async ({
    clients,
  }) => {
    const client = await clients.open();
    for (let size = 0; size <= 125; size += how === 'in one segment' ? 1 : 25) {
      await deliver(client, ping(noise(size)));
      await expectPong(client, noise(size));
    }
  });

  test(`5.5.3 unsolicited pongs are not answered, ${how}`, async ({ clients }) => {
    const client = await clients.open();
    const pongs = [pong(), pong('hello'), pong(noise(125))];
    await deliver(client, Buffer.concat(pongs));
    await expectAlive(client);
  });
}

const notText = Buffer.from('00fffefdfc00ff', 'hex');

test('5.5.2 the payload of a ping need not be text', async ({ clients }) => {
  const client = await clients.open();
  client.send(ping(notText), pong(notText), ping(notText));
  await expectPong(client, notText);
  await expectPong(client, notText);
});

test('5.5.2 ten pings at once are answered in order', async ({ clients }) => {
  const client = await clients.open();
  const payloads = Array.from({ length: 10 }, (_, i) => `ping ${i}`);
  client.send(...payloads.map((payload) => ping(payload)));
  for (const payload of payloads) await expectPong(client, payload);
});

for (const [name, opcode] of [
  ['close', opcodes.close],
  ['ping', opcodes.ping],
  ['pong', opcodes.pong],
] as const) {
  for (const size of [126, 127, 65_535, 65_536]) {
    test(`5.5 a ${name} frame of ${size} bytes is a protocol error`, async ({ clients }) => {
      const client = await clients.open();
      client.send(frame(opcode, Buffer.alloc(size, 0x61)));
      expect(await client.closeCode()).toBe(1002);
    });
  }

  test(`5.5 a ${name} frame of 126 bytes is refused before its payload`, async ({ clients }) => {
    const client = await clients.open();
    client.send(frame(opcode, Buffer.alloc(126)).subarray(0, 2));
    expect(await client.closeCode()).toBe(1002);
  });

  for (const payload of ['', 'ab']) {
    test(`5.5 a fragmented ${name} frame of ${payload.length} bytes is a protocol error`, async ({
      clients,
    }) => {
      const client = await clients.open();
      client.send(frame(opcode, payload, { final: false }), continuation());
      expect(await client.closeCode()).toBe(1002);
    });

    test(`5.5 the same inside a fragmented message: ${name}, ${payload.length} bytes`, async ({
      clients,
    }) => {
      const client = await clients.open();
      client.send(text('begun', { final: false }), frame(opcode, payload, { final: false }));
      expect(await client.closeCode()).toBe(1002);
    });
  }
}

for (const [how, deliver] of deliveries) {
  test(`5.4 a ping between fragments is answered before the message, ${how}`, async ({
    clients,
  }) => {
    const client = await clients.open();
    await deliver(
      client,
      Buffer.concat([text('fra', { final: false }), ping('between'), continuation('gment')]),
    );
    await expectPong(client, 'between');
    await expectText(client, 'fragment');
  });
}

test('5.4 a pong and many pings among many fragments do not disturb them', async ({ clients }) => {
  const client = await clients.open();
  const parts = pieces(Buffer.from('many fragments with control frames among them'), 1);
  client.send(text('', { final: false }));
  for (const [i, part] of parts.entries()) {
    client.send(continuation(part, { final: false }), pong('nobody asked'), ping(`${i}`));
    await expectPong(client, `${i}`); // so each fragment comes in a segment of its own
  }
  client.send(continuation());
  await expectText(client, Buffer.concat(parts));
});
