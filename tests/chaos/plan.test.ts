// Plans follow from their seed, and all seeds together leave no kind of fault out.
import { expect, test } from 'vitest';
import { kindsFor, nameOf } from './fault.ts';
import { planOf, type FanPlan, type Plan } from './plan.ts';
import { regressions } from './regressions.ts';

const plans = (count: number, sentinel = false): Plan[] =>
  Array.from({ length: count }, (_, seed) => planOf(seed, { sentinel }));

const kindsOf = (of: readonly Plan[]): Set<string> =>
  new Set(of.flatMap(({ faults }) => faults.map(({ fault }) => fault.kind)));

const fansOf = ({ setup }: Plan): FanPlan[] => setup.rooms.flatMap(({ fans }) => fans);

test('the same seed is the same plan, another one is another', () => {
  expect(planOf(7, { sentinel: false })).toEqual(planOf(7, { sentinel: false }));
  expect(planOf(7, { sentinel: false })).not.toEqual(planOf(8, { sentinel: false }));
});

test('faults are in order and within the storm', () => {
  for (const { faults, stormMs } of plans(200)) {
    const times = faults.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(Math.max(...times)).toBeLessThan(stormMs);
  }
});

test('all kinds come up, fail-over only where it is asked for', () => {
  const kinds = kindsOf(plans(300));
  const richest = {
    ...planOf(0, { sentinel: false }).setup,
    link: 'proxy',
    balancer: true,
  } as const;
  expect([...kinds].toSorted()).toEqual([...new Set(kindsFor(richest))].toSorted());
  expect(kinds).not.toContain('failover');
  expect(kindsOf(plans(100, true))).toContain('failover');
});

test('what a setup cannot have is not planned for it', () => {
  for (const { setup, faults } of plans(300, true)) {
    const names = faults.map(({ fault }) => nameOf(fault)).join();
    if (setup.link === 'socket') expect(names).not.toContain('link-');
    if (!setup.balancer) expect(names).not.toContain('balancer-');
    expect(names).not.toContain(setup.sentinel ? 'redis-restart' : 'failover');
    if (setup.sentinel) expect(names).not.toMatch(/redis-freeze|redis-pause/);
    if (setup.persistence === 'none') expect(names).not.toMatch(/kept|cut/);
  }
});

test('every room has somebody who talks, and somebody who may only read', () => {
  for (const { setup } of plans(100)) {
    for (const { fans } of setup.rooms) {
      expect(fans.some(({ intervalMs }) => intervalMs > 0)).toBe(true);
      expect(fans.length).toBeGreaterThanOrEqual(3);
    }
  }
});

test('every round has the SDK talk, many have it only read, and it stays in its room', () => {
  for (const plan of plans(100)) {
    const sdks = fansOf(plan).filter(({ sdk }) => sdk);
    expect(sdks.some(({ intervalMs }) => intervalMs > 0)).toBe(true);
    expect(sdks.some(({ wanders }) => wanders)).toBe(false);
    expect(fansOf(plan).some(({ sdk }) => !sdk)).toBe(true);
  }
  const reading = plans(100).filter((plan) =>
    fansOf(plan).some(({ sdk, intervalMs }) => sdk && intervalMs === 0),
  );
  expect(reading.length).toBeGreaterThan(50);
});

test('the rounds that are always played have plans with different faults', () => {
  expect(new Set(regressions).size).toBe(regressions.length);
  const kinds = kindsOf(regressions.map((seed) => planOf(seed, { sentinel: false })));
  expect(kinds.size).toBeGreaterThanOrEqual(8);
});
