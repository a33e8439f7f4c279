import { expect, test } from 'vitest';
import { count, counted } from './format.ts';

test('numbers are grouped, and counted with their noun', () => {
  expect(count(1234567)).toBe('1,234,567');
  expect(counted(1, 'viewer', 'viewers')).toBe('1 viewer');
  expect(counted(0, 'viewer', 'viewers')).toBe('0 viewers');
});
