import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { WireError } from '../../shared/wire.ts';
import { parseAnswer, type Answer } from './answer.ts';
import { assumed, bitsText, countText, growth, limitNow, rows, shareText } from './words.ts';

const golden = (): Answer =>
  parseAnswer(
    JSON.parse(
      readFileSync(new URL('../../../../../docs/balancer/plan.json', import.meta.url), 'utf8'),
    ),
  );

test('says what `spillway plan` says', () => {
  const { steps } = golden();
  const cells = rows.map(({ label, cell }) => [label, ...steps.map(cell)].join(' | '));
  expect(cells).toEqual([
    'Servers needed | 1 | 1 | 1',
    'Users | 100 | 200 | 1,000',
    'in the largest room | 20 | 40 | 200',
    'Messages | 3.33/s | 6.67/s | 33.33/s',
    'in the largest room | 0.67/s | 1.33/s | 6.67/s',
    'Deliveries | 66.67/s | 266.67/s | 6,667/s',
    'Kernel writes | 66.67/s | 266.67/s | 6,667/s',
    'Redis calls, at most | 3.33/s | 6.67/s | 33.33/s',
    'of what one Redis can do | < 0.1 % | 0.1 % | 0.3 %',
    'Egress, plain | 76.3 kbit/s | 305 kbit/s | 7.63 Mbit/s',
    'coalesced | 77.3 kbit/s | 309 kbit/s | 7.73 Mbit/s',
    'deflated | 77.3 kbit/s | 309 kbit/s | 7.73 Mbit/s',
    'Memory of the servers | 14.0 MiB | 14.1 MiB | 15.1 MiB',
    'Memory of Redis | 261 KiB | 261 KiB | 519 KiB',
  ]);
});

test('growth and the first limit are sentences', () => {
  const { steps } = golden();
  const [now, , tenfold] = steps;
  if (now === undefined || tenfold === undefined) throw new Error('three steps');
  expect(growth(tenfold, now)).toBe(
    '100 times the deliveries, on 1 server, with 7.63 Mbit/s of plain egress. The first limit is kernel writes: 7.6 % of a server; deliveries alone fill 0.1 % of a server, Redis is at 0.3 % at most.',
  );
  const redis = {
    ...tenfold,
    firstLimit: 'redis',
    servers: { needed: 426, byDeliveries: 3, byWrites: 425.2 },
  } as const;
  expect(limitNow({ ...redis, redis: { callsPerS: 1, load: 1.14 } })).toBe(
    'The first limit is Redis, at up to 114 % of what the one Redis of a fleet can do; kernel writes fill 426 servers, deliveries 3 servers.',
  );
  expect(assumed(golden())).toBe(
    '60 bytes of text a message, 143 on the wire without TCP and IP headers; a server sustains 5.30 million deliveries/s and 87,500 kernel writes/s, and lets no viewer wait longer than 100 ms for a fuller write.',
  );
});

test('large numbers stay short', () => {
  expect([6_670_000, 2.5e9, 3e13].map(countText)).toEqual([
    '6.67 million',
    '2.50 billion',
    '30.0 trillion',
  ]);
  expect(bitsText(95_250_000_000)).toBe('762 Gbit/s');
  expect([0, 0.0001, 0.5, 12.5].map(shareText)).toEqual(['0.0 %', '< 0.1 %', '50 %', '1,250 %']);
});

test('what is no plan is said to be none', () => {
  expect(() => parseAnswer({ input: {}, assumed: {}, plan: [] })).toThrow(WireError);
});
