import { expect, test } from 'vitest';
import { count, counted, shortCount } from './format.ts';

test('numbers are grouped, shortened, and counted with their noun', () => {
  expect(count(1234567)).toBe('1,234,567');
  expect(shortCount(12345)).toBe('12.3K');
  expect(counted(1, 'viewer', 'viewers')).toBe('1 viewer');
  expect(counted(0, 'viewer', 'viewers')).toBe('0 viewers');
});
