import { expect, test } from 'vitest';
import { firstReal, History } from './history.ts';
import { levels, mean, rates, sum } from './rates.ts';

const seconds = (...ats: number[]): History => new History(ats.map((at) => at * 1000));
const newest = (series: readonly (number | null)[], count: number): readonly (number | null)[] =>
  series.slice(-count);

test('padding never enters a delta: the first real entry has no rate', () => {
  const counter = new History([1_000_000, 1_000_100, 1_000_200]);
  const times = seconds(1, 2, 3);
  const series = rates(counter, times, firstReal([counter]));
  expect(newest(series, 5)).toEqual([null, null, null, 100, 100]);
});

test('a counter that is 0 where another history is not began there, and counts', () => {
  const counter = new History([0, 0, 30]);
  const viewers = new History([1, 1, 1]);
  const first = firstReal([counter, viewers]);
  expect(newest(rates(counter, seconds(1, 2, 3), first), 4)).toEqual([null, null, 0, 15]);
});

test('a rate is the mean of three seconds: a reading that came early or late shows nothing', () => {
  const counter = new History([100, 200, 200, 400, 500, 600]);
  const series = rates(counter, seconds(1, 2, 3, 4, 5, 6), 94);
  expect(newest(series, 2)).toEqual([100, 400 / 3]);
});

test('a counter that goes back begins anew, and no rate is ever negative', () => {
  const counter = new History([100, 200, 300, 5, 25, 45]);
  const series = rates(counter, seconds(1, 2, 3, 4, 5, 6), 94);
  expect(newest(series, 5)).toEqual([100, 100, null, 20, 20]);
  for (let i = 0; i < 200; i += 1) {
    const random = new History(Array.from({ length: 100 }, () => Math.floor(Math.random() * 50)));
    const times = seconds(...Array.from({ length: 100 }, (_, at) => at + 1));
    expect(Math.min(...rates(random, times, 0).map((rate) => rate ?? 0))).toBeGreaterThanOrEqual(0);
  }
});

test('seconds that nobody read are not taken for one', () => {
  const counter = new History([0, 100, 3100]);
  expect(newest(rates(counter, seconds(1, 2, 32), 97), 1)).toEqual([100]);
});

test('sums and means are of what is known', () => {
  const one = levels(new History([1, 2, 3]), 97);
  const other = levels(new History([10, 20]), 98);
  expect(newest(sum([one, other]), 4)).toEqual([null, 1, 12, 23]);
  expect(newest(mean([one, other]), 4)).toEqual([null, 1, 6, 11.5]);
  expect(newest(sum([]), 1)).toEqual([null]);
});
