// RFC 6455 section 5.2: reserved bits and opcodes, wherever they stand.
import { expect } from 'vitest';
import { expectText } from './expectations.ts';
import { continuation, frame, opcodes, ping, text, type FrameOptions } from './frames.ts';
import type { RawClient } from './raw_client.ts';
import { test } from './stage.ts';

interface Surrounding {
  readonly name: string;
  readonly send: (client: RawClient, bad: Buffer) => Promise<void>;
}

const surroundings: readonly Surrounding[] = [
  { name: 'alone', send: async (client, bad) => client.send(bad) },
  { name: 'in single bytes', send: async (client, bad) => client.chop(bad) },
  {
    name: 'after a message, in its segment',
    send: async (client, bad) => {
      client.send(text('before'), bad, ping());
      await expectText(client, 'before');
    },
  },
  {
    name: 'after a message that was answered',
    send: async (client, bad) => {
      client.send(text('before'));
      await expectText(client, 'before');
      client.send(bad);
    },
  },
  {
    name: 'inside a fragmented message',
    send: async (client, bad) => {
      client.send(text('begun', { final: false }), bad, continuation('ended'));
    },
  },
];

const dataOpcodes = new Set<number>([opcodes.text, opcodes.binary]);

for (const [name, opcode] of Object.entries(opcodes)) {
  for (const rsv of [1, 2, 3, 4, 5, 6, 7]) {
    for (const surrounding of surroundings) {
      const inside = surrounding.name.startsWith('inside');
      // Such a frame would be an error for its opcode already.
      if (inside ? dataOpcodes.has(opcode) : opcode === opcodes.continuation) continue;
      test(`5.2 reserved bits ${rsv.toString(2).padStart(3, '0')} of a ${name} frame are a protocol error: ${surrounding.name}`, async ({
        clients,
      }) => {
        const client = await clients.open();
        const payload = opcode === opcodes.close ? '' : 'bits';
        await surrounding.send(client, frame(opcode, payload, { rsv }));
        expect(await client.closeCode()).toBe(1002);
      });
    }
  }
}

const forms: readonly [string, string, FrameOptions][] = [
  ['empty', '', {}],
  ['with a payload', 'payload', {}],
  ['not final', 'payload', { final: false }],
];

for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
  for (const [form, payload, options] of forms) {
    for (const surrounding of surroundings) {
      test(`5.2 the reserved opcode ${opcode} is a protocol error: ${form}, ${surrounding.name}`, async ({
        clients,
      }) => {
        const client = await clients.open();
        await surrounding.send(client, frame(opcode, payload, options));
        expect(await client.closeCode()).toBe(1002);
      });
    }
  }

  test(`5.2 the reserved opcode ${opcode} is refused at its first byte`, async ({ clients }) => {
    const client = await clients.open();
    client.send(Buffer.of(0x80 | opcode));
    expect(await client.closeCode()).toBe(1002);
  });
}
