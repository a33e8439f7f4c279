import { expect, test } from 'vitest';
import { padded, serverOf, stateOf, times } from '../testing/wire.ts';
import { axisMax, niceCeiling } from './axis.ts';
import { Fleet } from './fleet.ts';
import { viewOf } from './view.ts';

const load = (state: Record<string, unknown>): number | null | undefined =>
  viewOf(new Fleet(stateOf({ servers: [serverOf('1', state)] }))).servers[0]?.load.now;

const busy = (share: number): number[] => padded(share, share, share, share);

const concern = (state: Record<string, unknown>): string | undefined =>
  viewOf(new Fleet(stateOf({ servers: [serverOf('1', state)], balancer: { at: times(5) } })))
    .servers[0]?.concern;

test('load is the larger of the two shares', () => {
  expect(load({ socketWrites: padded(1, 501), busy: padded(0.1, 0.1) })).toBe(0.5);
  expect(load({ socketWrites: padded(1, 2), busy: padded(0.1, 0.7) })).toBe(1);
  expect(load({})).toBe(null);
});

test('a server says in a word what is wrong with it', () => {
  expect(concern({ busy: busy(0.3) })).toBe('');
  expect(concern({ busy: busy(0.75) })).toBe('full');
  expect(concern({ busy: busy(0.95) })).toBe('overloaded');
  expect(concern({ busy: busy(0.1), timeouts: padded(20, 20, 20) })).toBe('lagging');
  expect(concern({ busy: padded(0.1, 0.1, 0.1, 0.95) })).toBe('');
  expect(concern({ busy: busy(0.95), status: 'draining' })).toBe('draining');
});

test('servers stay in the order of their addresses', () => {
  const servers = [serverOf('9'), serverOf('10'), serverOf('2')];
  const names = viewOf(new Fleet(stateOf({ servers }))).servers.map(({ name }) => name);
  expect(names).toEqual(['127.0.0.1:8082', '127.0.0.1:8089', '127.0.0.1:80810']);
});

test('axes end at round numbers, and do not go to and fro', () => {
  expect([0, 0.3, 1, 1.2, 3, 7, 99, 5_000_000].map(niceCeiling)).toEqual([
    1, 0.5, 1, 2, 5, 10, 100, 5_000_000,
  ]);
  expect(axisMax(0.4, 1.5, undefined)).toBe(2);
  expect(axisMax(101, 0, 100)).toBe(200);
  expect(axisMax(80, 0, 200)).toBe(200);
  expect(axisMax(60, 0, 200)).toBe(100);
});
