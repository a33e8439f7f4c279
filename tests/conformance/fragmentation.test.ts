// RFC 6455 section 5.4.
import { expect } from 'vitest';
import { deliveries, expectAlive, expectEcho, expectText } from './expectations.ts';
import {
  binary,
  chatLike,
  continuation,
  fragments,
  noise,
  opcodes,
  pieces,
  ping,
  text,
} from './frames.ts';
import { test } from './stage.ts';

const splits: readonly (readonly string[])[] = [
  ['whole', ''],
  ['', 'whole'],
  ['', ''],
  ['', '', ''],
  ['one', 'two'],
  ['one', '', 'two'],
  ['one', 'two', 'three', 'four', 'five'],
  ['', 'one', '', '', 'two', ''],
];

for (const split of splits) {
  for (const [how, deliver] of deliveries) {
    test(`5.4 fragments ${JSON.stringify(split)} make one message, ${how}`, async ({ clients }) => {
      const client = await clients.open();
      const payloads = split.map((part) => Buffer.from(part));
      await deliver(client, Buffer.concat(fragments(opcodes.text, payloads)));
      await expectText(client, split.join(''));
      await deliver(client, Buffer.concat(fragments(opcodes.binary, payloads)));
      await expectEcho(client, opcodes.binary, split.join(''));
    });
  }
}

for (const size of [1, 2, 125, 126, 1000]) {
  test(`5.4 a message in fragments of ${size} bytes comes back`, async ({ clients }) => {
    const client = await clients.open();
    client.send(...fragments(opcodes.text, pieces(chatLike(3000), size)));
    await expectText(client, chatLike(3000));
    client.send(...fragments(opcodes.binary, pieces(noise(3000), size)));
    await expectEcho(client, opcodes.binary, noise(3000));
  });
}

test('5.4 fragments that come one by one make one message', async ({ clients }) => {
  const client = await clients.open();
  for (const fragment of fragments(opcodes.text, pieces(chatLike(40), 1))) {
    client.send(fragment);
    if ((fragment[0] ?? 0) < 0x80) await expectAlive(client);
  }
  await expectText(client, chatLike(40));
});

for (const final of [true, false]) {
  const what = final ? 'a last' : 'a middle';
  for (const payload of ['', 'lost']) {
    test(`5.4 ${what} fragment of ${payload.length} bytes without a first one is a protocol error`, async ({
      clients,
    }) => {
      const client = await clients.open();
      client.send(continuation(payload, { final }), text('after'));
      expect(await client.closeCode()).toBe(1002);
    });

    test(`5.4 ${what} fragment of ${payload.length} bytes after a whole message is a protocol error`, async ({
      clients,
    }) => {
      const client = await clients.open();
      client.send(text('whole'), continuation(payload, { final }));
      await expectText(client, 'whole');
      expect(await client.closeCode()).toBe(1002);
    });
  }

  test(`5.4 ${what} fragment after the last one is a protocol error`, async ({ clients }) => {
    const client = await clients.open();
    client.send(...fragments(opcodes.text, [Buffer.from('a'), Buffer.from('b')]));
    await expectText(client, 'ab');
    client.send(continuation('c', { final }));
    expect(await client.closeCode()).toBe(1002);
  });

  for (const [outer, begin] of [
    ['text', text],
    ['binary', binary],
  ] as const) {
    for (const [inner, make] of [
      ['text', text],
      ['binary', binary],
    ] as const) {
      test(`5.4 a ${final ? 'whole' : 'fragmented'} ${inner} message inside a ${outer} message is a protocol error`, async ({
        clients,
      }) => {
        const client = await clients.open();
        client.send(begin('begun', { final: false }), ping());
        expect((await client.frame()).opcode).toBe(opcodes.pong);
        client.send(make('inner', { final }), continuation('end'));
        expect(await client.closeCode()).toBe(1002);
      });
    }
  }
}

test('5.4 a new message may begin after the last fragment of another', async ({ clients }) => {
  const client = await clients.open();
  for (let i = 0; i < 20; i += 1) {
    client.send(...fragments(opcodes.text, pieces(Buffer.from(`message ${i}`), 3)), binary('b'));
    await expectText(client, `message ${i}`);
    await expectEcho(client, opcodes.binary, 'b');
  }
});
