import { expect, test } from 'vitest';
import { trend } from './trend.ts';
import { trendText, trendWords } from './units.ts';

const series = (...last: number[]): (number | null)[] => [
  ...Array.from({ length: 100 - last.length }, () => null),
  ...last,
];
const ten = (value: number): number[] => Array.from({ length: 10 }, () => value);

test('the later half is held against the earlier half', () => {
  expect(trend(series(...ten(10), ...ten(15)), 100, 0)).toEqual({ direction: 'up', change: 0.5 });
  expect(trend(series(...ten(10), ...ten(5)), 100, 0)).toEqual({ direction: 'down', change: -0.5 });
  expect(trend(series(...ten(10), ...ten(15)), 10, 0).direction).toBe('steady');
});

test('too little is known of a span that is mostly older than what is watched', () => {
  const short = series(...ten(1), 2, 2);
  expect(trend(short, 50, 0).direction).toBe('unknown');
  expect(trend(short, 10, 0).direction).toBe('up');
  expect(trend(short, 100, 0).direction).toBe('up');
  expect(trend(series(1, 2), 100, 0).direction).toBe('unknown');
  expect(trend(series(), 10, 0).direction).toBe('unknown');
});

test('what is below the floor is no difference, however many times it is more', () => {
  expect(trend(series(0, 0, 0, 0.1, 0.1, 0.1), 100, 0.5).direction).toBe('steady');
  expect(trend(series(0, 0, 0, 9, 9, 9), 100, 0.5)).toEqual({ direction: 'up', change: Infinity });
});

test.each([
  [{ direction: 'up', change: 0.123 }, '↗ +12 %', 'rising by 12 %'],
  [{ direction: 'down', change: -0.4 }, '↘ −40 %', 'falling by 40 %'],
  [{ direction: 'up', change: Infinity }, '↗ > 10×', 'rising, more than tenfold'],
  [{ direction: 'steady', change: 0 }, '→', 'steady'],
  [{ direction: 'unknown', change: 0 }, '–', 'not known yet'],
] as const)('%o reads %s', (one, text, words) => {
  expect(trendText(one)).toBe(text);
  expect(trendWords(one)).toBe(words);
});
