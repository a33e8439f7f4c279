// RFC 7692 sections 5 and 7.1: what is agreed on.
import { expect } from 'vitest';
import type { Agreed } from './deflate.ts';
import { expectText } from './expectations.ts';
import { chatLike, noise, rsv1, text } from './frames.ts';
import type { RawClient } from './raw_client.ts';
import { test } from './stage.ts';

const none: Agreed = {
  server_no_context_takeover: false,
  client_no_context_takeover: false,
  server_max_window_bits: undefined,
  client_max_window_bits: undefined,
};

const bits = [8, 9, 10, 11, 12, 13, 14, 15];
const offer = (...parameters: readonly string[]): string =>
  ['permessage-deflate', ...parameters.filter((parameter) => parameter !== '')].join('; ');

/** Messages that a window remembers, and one that a small window cannot hold. */
async function expectCompression(client: RawClient): Promise<void> {
  for (const data of [chatLike(2000), chatLike(2000), noise(9000, 8)]) {
    client.send(text(client.compress(data), { rsv: rsv1 }));
    await expectText(client, data);
  }
}

for (const serverForgets of [false, true]) {
  for (const clientForgets of [false, true]) {
    for (const serverBits of [undefined, ...bits]) {
      const parameters = [
        serverForgets ? 'server_no_context_takeover' : '',
        clientForgets ? 'client_no_context_takeover' : '',
        serverBits === undefined ? '' : `server_max_window_bits=${serverBits}`,
      ];
      const name = offer(...parameters);
      test(`RFC 7692 7.1 agreed to and kept, with every client_max_window_bits: ${name}`, async ({
        clients,
      }) => {
        for (const clientBits of [undefined, 0, ...bits]) {
          const hint = clientBits === 0 ? '' : `=${clientBits}`;
          const last = clientBits === undefined ? '' : `client_max_window_bits${hint}`;
          const client = await clients.open({ offers: [offer(...parameters, last)] });
          // Not asked for, nothing is answered; and 15 bits need no answer.
          const named = clientBits === undefined || clientBits === 0 || clientBits === 15;
          expect(client.agreed).toEqual({
            server_no_context_takeover: serverForgets,
            client_no_context_takeover: clientForgets,
            server_max_window_bits: serverBits,
            client_max_window_bits: named ? undefined : clientBits,
          });
          await expectCompression(client);
        }
      });
    }
  }
}

const sameAs: readonly (readonly [string, string, Partial<Agreed>])[] = [
  ['no space', 'permessage-deflate;server_max_window_bits=9', { server_max_window_bits: 9 }],
  [
    'much space',
    '\t permessage-deflate  ;  server_max_window_bits  =  9 ',
    { server_max_window_bits: 9 },
  ],
  [
    'another order',
    offer('client_max_window_bits=10', 'server_no_context_takeover'),
    { client_max_window_bits: 10, server_no_context_takeover: true },
  ],
  ['a quoted value', offer('server_max_window_bits="10"'), { server_max_window_bits: 10 }],
  [
    'an escaped quoted value',
    offer('client_max_window_bits="1\\0"'),
    { client_max_window_bits: 10 },
  ],
  ['the name in any case', 'PerMessage-Deflate', {}],
];

for (const [what, value, agreed] of sameAs) {
  test(`RFC 6455 9.1 the forms of a header mean the same: ${what}`, async ({ clients }) => {
    const client = await clients.open({ offers: [value] });
    expect(client.agreed).toEqual({ ...none, ...agreed });
    await expectCompression(client);
  });
}

const bad = [
  ['unknown', 'unknown=1', 'server_max_window_bit=9', 'max_window_bits=9'],
  ['server_no_context_takeover=1', 'server_no_context_takeover=true'],
  ['client_no_context_takeover=0', 'client_no_context_takeover="client_no_context_takeover"'],
  ['server_max_window_bits', 'server_max_window_bits=0', 'server_max_window_bits=7'],
  ['server_max_window_bits=16', 'server_max_window_bits=08', 'server_max_window_bits=-9'],
  ['server_max_window_bits=+9', 'server_max_window_bits=9.0', 'server_max_window_bits=0x9'],
  ['server_max_window_bits=9a', 'server_max_window_bits=ten', 'server_max_window_bits=10000'],
  ['server_max_window_bits=4294967305', 'server_max_window_bits="16"'],
  ['client_max_window_bits=0', 'client_max_window_bits=7', 'client_max_window_bits=16'],
  ['client_max_window_bits=09', 'client_max_window_bits=-9', 'client_max_window_bits=9a'],
  ['client_max_window_bits=true', 'client_max_window_bits="7"'],
  ['server_no_context_takeover; server_no_context_takeover'],
  ['client_no_context_takeover; client_no_context_takeover'],
  ['server_max_window_bits=9; server_max_window_bits=9'],
  ['server_max_window_bits=9; SERVER_MAX_WINDOW_BITS=10'],
  ['client_max_window_bits; client_max_window_bits'],
  ['client_max_window_bits=9; client_max_window_bits=10'],
].flat();

for (const parameters of bad) {
  test(`RFC 7692 7.1 is declined, and the next one taken: ${offer(parameters)}`, async ({
    clients,
  }) => {
    const declined = await clients.open({ offers: [offer(parameters)] });
    expect(declined.agreed).toBeUndefined();
    declined.send(text('plain'));
    await expectText(declined, 'plain');
    declined.send(text(declined.compress('compressed'), { rsv: rsv1 }));
    expect(await declined.closeCode()).toBe(1002);

    const next = offer('server_max_window_bits=9');
    for (const offers of [[`${offer(parameters)}, ${next}`], [offer(parameters), next]]) {
      const client = await clients.open({ offers });
      expect(client.agreed).toEqual({ ...none, server_max_window_bits: 9 });
      await expectCompression(client);
    }
  });
}

const several: readonly (readonly [readonly string[], Partial<Agreed>])[] = [
  [
    [offer('server_max_window_bits=10'), offer('server_max_window_bits=12')],
    { server_max_window_bits: 10 },
  ],
  [[offer(), offer('server_no_context_takeover')], {}],
  [[offer('client_no_context_takeover'), offer()], { client_no_context_takeover: true }],
  [['x-webkit-deflate-frame', offer('client_max_window_bits=11')], { client_max_window_bits: 11 }],
  [['permessage-bzip2; client_max_compress_level', offer()], {}],
  [['foo, bar', `baz, ${offer('server_max_window_bits=8')}`], { server_max_window_bits: 8 }],
];

for (const [offers, agreed] of several) {
  test(`RFC 7692 5 the first good offer is taken: ${offers.join(', ')}`, async ({ clients }) => {
    for (const form of [offers, [offers.join(',')], [offers.join(' , ')]]) {
      const client = await clients.open({ offers: form });
      expect(client.agreed).toEqual({ ...none, ...agreed });
      await expectCompression(client);
    }
  });
}

test('RFC 7692 5 nothing is agreed on that was not offered', async ({ clients }) => {
  const client = await clients.open();
  expect(client.agreed).toBeUndefined();
  expect(client.answer?.headers.has('sec-websocket-extensions')).toBe(false);
});
