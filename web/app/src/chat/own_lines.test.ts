import { expect, test } from 'vitest';
import { confirmed, passed, refused, said, without, type OwnLines } from './own_lines.ts';

const two: OwnLines = said(said([], 'a', 'first'), 'b', 'second');

function fates(own: OwnLines): readonly string[] {
  return own.map(({ id, fate }) => `${id} ${fate.is}`);
}

test('lines stand in the order they were said', () => {
  expect(fates(two)).toEqual(['a sending', 'b sending']);
  expect(fates(confirmed(two, 'b', 7))).toEqual(['a sending', 'b sent']);
  expect(fates(refused(two, 'a', 'too long'))).toEqual(['a refused', 'b sending']);
  expect(fates(without(two, 'a'))).toEqual(['b sending']);
});

test('a confirmed line goes when the room is past it, shown or skipped', () => {
  const own = confirmed(confirmed(two, 'a', 7), 'b', 8);
  expect(passed(own, 6)).toBe(own);
  expect(fates(passed(own, 7))).toEqual(['b sent']);
  expect(passed(own, Infinity)).toEqual([]);
});

test('what was not confirmed stays, whatever the room does', () => {
  expect(fates(passed(refused(two, 'b', 'no'), Infinity))).toEqual(['a sending', 'b refused']);
});

test('refused lines do not pile up', () => {
  let own: OwnLines = said([], 'kept', 'still on its way');
  for (let n = 0; n < 30; n += 1) own = refused(said(own, `r${n}`, 'x'), `r${n}`, 'no');
  expect(own).toHaveLength(11);
  expect(fates(own)[0]).toBe('kept sending');
  expect(fates(own).at(-1)).toBe('r29 refused');
});
