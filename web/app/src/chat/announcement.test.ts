import { expect, test } from 'vitest';
import { announcement, isDue } from './announcement.ts';
import type { Line } from './line_list.ts';

const lines: readonly Line[] = ['a', 'b', 'c', 'd'].map((text, key) => ({
  kind: 'message',
  key,
  name: 'ada',
  color: undefined,
  text,
  ts: 0,
}));

test('a few lines are read, many are counted', () => {
  expect(announcement(lines, 0)).toBe('');
  expect(announcement([], 3)).toBe('');
  expect(announcement(lines, 2)).toBe('ada: c\nada: d');
  expect(announcement(lines, 500)).toBe('500 new messages. ada: d');
  expect(announcement([{ kind: 'gap', key: 1, lost: 3 }], 1)).toBe('Some messages were skipped.');
});

test('a busy room is told of seldom', () => {
  expect(isDue(0, 60_000)).toBe(false);
  expect(isDue(1, 0)).toBe(true);
  expect(isDue(500, 5000)).toBe(false);
  expect(isDue(500, 15_000)).toBe(true);
});
