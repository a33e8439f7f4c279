import { expect, test } from 'vitest';
import { roomOf } from '../../monitor/testing/wire.ts';
import {
  concentration,
  intervalText,
  nobody,
  parseLive,
  questionOf,
  silent,
  steepness,
} from './live.ts';
import { firstQuestion } from './question.ts';

const stats = (rooms: Readonly<Record<string, object>>): unknown => ({ chatRooms: rooms });

test('a live fleet is asked about as it is', () => {
  const live = parseLive(
    stats({
      lobby: roomOf([30, 30, 30], [100, 103, 106]),
      other: roomOf([30, 30, 30], [7, 8, 9]),
      left: roomOf([1, 0, 0], [5, 5, 5]),
    }),
  );
  expect(live).toEqual({ viewers: [30, 30], messagesPerS: 4 });
  expect(questionOf(live, { ...firstQuestion, size: '90B' })).toEqual({
    ...firstQuestion,
    users: '60',
    rooms: '2',
    interval: '15s',
    distribution: 'uniform',
    size: '90B',
  });
});

test('rooms that follow a law of Zipf are found to', () => {
  for (const s of [0.5, 1, 1.5]) {
    const viewers = Array.from({ length: 500 }, (_, n) => 1e6 * (n + 1) ** -s);
    expect(steepness(viewers)).toBeCloseTo(s, 3);
  }
});

test('deliveries come out as they are, whatever the law', () => {
  const viewers = [500, 3, 3, 3, 90, 1];
  const users = viewers.reduce((sum, count) => sum + count, 0);
  const squares = viewers.reduce((sum, count) => sum + count * count, 0);
  expect(concentration(6, steepness(viewers)) * users * users).toBeCloseTo(squares, 0);
});

test('where nobody is or speaks there is nothing to reckon with', () => {
  expect(questionOf(parseLive(stats({})), firstQuestion)).toBe(nobody);
  expect(questionOf(parseLive(stats({ lobby: roomOf([3], [3]) })), firstQuestion)).toBe(silent);
});

test('an interval has three digits and a unit', () => {
  expect([0.0001, 0.45, 12.345, 1834, 1e9].map(intervalText)).toEqual([
    '1ms',
    '450ms',
    '12.3s',
    '1830s',
    '2590000s',
  ]);
});
