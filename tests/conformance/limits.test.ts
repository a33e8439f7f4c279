// RFC 6455 section 10.4 and 5.4: messages as large as any, whole and in pieces, and where it ends.
import { expect } from 'vitest';
import { compress } from './deflate.ts';
import { expectAlive, expectEcho } from './expectations.ts';
import {
  binary,
  chatLike,
  continuation,
  fragments,
  frame,
  noise,
  opcodes,
  pieces,
  rsv1,
  text,
} from './frames.ts';
import type { RawClient } from './raw_client.ts';
import { smallLimit, test, testWithSmallLimit } from './stage.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const limitMs = 30_000;

const kinds: readonly (readonly [string, number, (bytes: number) => Buffer])[] = [
  ['text', opcodes.text, chatLike],
  ['binary', opcodes.binary, noise],
];

for (const [kind, opcode, make] of kinds) {
  for (const size of [0, 64 * KiB, 256 * KiB, MiB, 4 * MiB, 16 * MiB]) {
    test(`5.2 a ${kind} message of ${size / KiB} KiB comes back`, async ({ clients }) => {
      const client = await clients.open();
      const data = make(size);
      client.send(frame(opcode, data));
      await expectEcho(client, opcode, data, limitMs);
    });
  }

  for (const fragment of [256, KiB, 16 * KiB, 256 * KiB, MiB]) {
    test(`5.4 a ${kind} message of 2 MiB in fragments of ${fragment} bytes comes back`, async ({
      clients,
    }) => {
      const client = await clients.open();
      const data = make(2 * MiB);
      client.send(...fragments(opcode, pieces(data, fragment)));
      await expectEcho(client, opcode, data, limitMs);
    });
  }

  for (const write of [64, 517, 4 * KiB]) {
    test(`5.2 a ${kind} message of 256 KiB in writes of ${write} bytes comes back`, async ({
      clients,
    }) => {
      const client = await clients.open();
      const data = make(256 * KiB);
      await client.chop(frame(opcode, data), write);
      await expectEcho(client, opcode, data, limitMs);
    });
  }

  for (const size of [0, 16, 64, 256, KiB, 4 * KiB]) {
    test(`5.2 ${kind} messages of ${size} bytes come back one after the other`, async ({
      clients,
    }) => {
      const client = await clients.open();
      const data = make(size);
      for (let i = 0; i < 200; i += 1) {
        client.send(frame(opcode, data));
        await expectEcho(client, opcode, data);
      }
    });
  }
}

const shapes: readonly (readonly [string, (client: RawClient, data: Buffer) => void])[] = [
  ['whole', (client, data) => client.send(binary(data))],
  ['in fragments', (client, data) => client.send(...fragments(opcodes.binary, pieces(data, 1000)))],
  ['compressed', (client, data) => client.send(binary(client.compress(data), { rsv: rsv1 }))],
  [
    'compressed and in fragments',
    (client, data) =>
      client.send(...fragments(opcodes.binary, pieces(client.compress(data), 1000), rsv1)),
  ],
];

const takeovers = [
  ['with context takeover', 'permessage-deflate'],
  ['without context takeover', 'permessage-deflate; client_no_context_takeover'],
] as const;

for (const [shape, send] of shapes) {
  for (const [how, offer] of takeovers) {
    testWithSmallLimit(
      `10.4 a message of the limit comes back, ${shape}, ${how}`,
      async ({ clients }) => {
        const client = await clients.open({ offers: [offer] });
        for (const data of [noise(smallLimit), Buffer.alloc(smallLimit)]) {
          send(client, data);
          await expectEcho(client, opcodes.binary, data);
        }
      },
    );

    testWithSmallLimit(
      `10.4 a message of one byte more is too big, ${shape}, ${how}`,
      async ({ clients }) => {
        for (const data of [noise(smallLimit + 1), Buffer.alloc(smallLimit + 1)]) {
          const client = await clients.open({ offers: [offer] });
          send(client, data);
          expect(await client.closeCode()).toBe(1009);
        }
      },
    );
  }
}

const declared = [BigInt(smallLimit + 1), 2n ** 31n, 2n ** 32n, 2n ** 63n - 1n];

for (const bytes of declared) {
  testWithSmallLimit(
    `10.4 a frame of ${bytes} bytes is refused by its header`,
    async ({ clients }) => {
      for (const make of [text, binary]) {
        const client = await clients.open();
        client.send(make('', { declared: bytes }));
        expect(await client.closeCode()).toBe(1009);
      }
    },
  );

  testWithSmallLimit(
    `10.4 a fragment of ${bytes} bytes is refused by its header`,
    async ({ clients }) => {
      for (const first of [0, 1, smallLimit]) {
        const client = await clients.open();
        client.send(binary(noise(first), { final: false }));
        await expectAlive(client);
        client.send(continuation('', { final: false, declared: bytes }));
        expect(await client.closeCode()).toBe(1009);
      }
    },
  );
}

testWithSmallLimit(
  '10.4 fragments that exceed it together are refused by the last header',
  async ({ clients }) => {
    const client = await clients.open();
    client.send(...fragments(opcodes.binary, pieces(noise(smallLimit), 4096)).slice(0, -1));
    await expectAlive(client);
    client.send(continuation('', { declared: 4097n }));
    expect(await client.closeCode()).toBe(1009);
  },
);

testWithSmallLimit('10.4 the limit counts each message by itself', async ({ clients }) => {
  const client = await clients.open();
  for (let i = 0; i < 5; i += 1) {
    client.send(...fragments(opcodes.binary, pieces(noise(smallLimit), 20_000)));
    await expectEcho(client, opcodes.binary, noise(smallLimit));
  }
});

testWithSmallLimit(
  '10.4 what follows a message that is too big is thrown away',
  async ({ clients }) => {
    const client = await clients.open();
    client.send(binary(noise(4 * MiB)), text('after'));
    expect(await client.closeCode()).toBe(1009);
  },
);

for (const [how, offer] of takeovers) {
  testWithSmallLimit(`RFC 7692 8 a bomb is too big, ${how}`, async ({ clients }) => {
    const bomb = compress(Buffer.alloc(16 * MiB)); // of 16 KB
    for (const size of [bomb.length, 1000, 1]) {
      const client = await clients.open({ offers: [offer] });
      client.send(...fragments(opcodes.binary, pieces(bomb, size), rsv1));
      expect(await client.closeCode()).toBe(1009);
    }
  });

  testWithSmallLimit(
    `RFC 7692 8 more than a compressor ever needs is refused by the header, ${how}`,
    async ({ clients }) => {
      const client = await clients.open({ offers: [offer] });
      const most = BigInt(smallLimit + smallLimit / 4 + 64);
      client.send(binary('', { rsv: rsv1, declared: most + 1n }));
      expect(await client.closeCode()).toBe(1009);
    },
  );
}

testWithSmallLimit(
  'RFC 7692 8 with context takeover a bomb is refused before it is whole',
  async ({ clients }) => {
    const client = await clients.open({ offers: ['permessage-deflate'] });
    const bomb = compress(Buffer.alloc(16 * MiB));
    client.send(binary(bomb, { rsv: rsv1 }).subarray(0, 1000));
    expect(await client.closeCode()).toBe(1009);
  },
);
