import { expect, test } from 'vitest';
import { contrast } from './contrast.ts';
import css from './theme.css?raw';

const pairs = [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)];
const themes = [2, 3].map((at) => new Map(pairs.map((pair) => [pair[1], pair[at] ?? ''])));

const text = ['ink', 'muted', 'accent', 'good', 'warn', 'bad'];
const behind = ['canvas', 'surface', 'raised'];

test.each([
  ['light', 0],
  ['dark', 1],
] as const)('%s: what is read stands out from what is behind it', (_name, at) => {
  const color = (name: string): string => themes[at]?.get(name) ?? '#000000';
  expect(contrast(color('on-accent'), color('accent'))).toBeGreaterThanOrEqual(4.5);
  for (const front of text) {
    for (const back of behind) {
      expect(contrast(color(front), color(back)), `${front} on ${back}`).toBeGreaterThanOrEqual(
        4.5,
      );
    }
  }
  // Edges of what can be used, which are no text.
  expect(contrast(color('control-edge'), color('surface'))).toBeGreaterThanOrEqual(3);
});
