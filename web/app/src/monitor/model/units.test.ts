import { expect, test } from 'vitest';
import { amount, bytes, milliseconds, percent } from './units.ts';

test.each([
  [null, '–'],
  [0, '0'],
  [0.001, '< 0.01'],
  [0.333, '0.33'],
  [12, '12'],
  [12.345, '12.3'],
  [123.4, '123'],
  [9876, '9,876'],
  [9995, '10.0 K'],
  [12_345, '12.3 K'],
  [999_600, '1.00 M'],
  [4_560_000, '4.56 M'],
  [2e9, '2.00 G'],
  [3e13, '30.0 T'],
])('%d is %s', (value, text) => {
  expect(amount(value)).toBe(text);
});

test('times, shares and sizes have their units', () => {
  expect([0, 0.001, 0.42, 15, 1234, 12_345].map(milliseconds)).toEqual([
    '0 ms',
    '< 0.01 ms',
    '0.42 ms',
    '15.0 ms',
    '1234 ms',
    '12.3 s',
  ]);
  expect([0, 0.0042, 0.5, 1].map(percent)).toEqual(['0 %', '0.4 %', '50 %', '100 %']);
  expect([0, 1023, 1024, 52_428_800, 3e12].map(bytes)).toEqual([
    '0 B',
    '1,023 B',
    '1.00 KiB',
    '50.0 MiB',
    '2.73 TiB',
  ]);
  for (const shown of [milliseconds, percent, bytes]) expect(shown(null)).toBe('–');
});
