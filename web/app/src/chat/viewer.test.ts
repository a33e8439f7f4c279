import { expect, test } from 'vitest';
import { palette } from './author_color.ts';
import { cleanName, newViewer, parseViewer } from './viewer.ts';

test.each([
  [' ada ', 'ada'],
  ['a \n b', 'a b'],
  ['a\u202Eb\u200B\u0000', 'ab'],
  ['x'.repeat(40), 'x'.repeat(32)],
  ['😀'.repeat(40), '😀'.repeat(32)],
  [' \u200B ', ''],
  ['\ud800a', '\ufffda'],
])('the name %j becomes %j', (name, expected) => {
  expect(cleanName(name)).toBe(expected);
});

test('a new viewer has a name and a colour of the palette', () => {
  for (const random of [0, 0.5, 0.999_999]) {
    const viewer = newViewer(() => random);
    expect(viewer.name).toMatch(/^guest [1-9]\d{3}$/);
    expect(palette).toContain(viewer.color);
  }
});

test('what was stored is known again; anything else is not', () => {
  const viewer = { name: 'ada', color: palette[0] ?? '' };
  expect(parseViewer(JSON.stringify(viewer))).toEqual(viewer);
  for (const other of ['', '{', 'null', '7', '{}', '{"name":"a","color":"red"}', '{"name":1}']) {
    expect(parseViewer(other)).toBeUndefined();
  }
  expect(parseViewer(JSON.stringify({ ...viewer, name: ' ' }))).toBeUndefined();
});
