import { expect, test } from 'vitest';
import { LineList, type Line } from './line_list.ts';

const limits = { keptMax: 6, followedMax: 3, heldMax: 9, step: 2 };

function line(key: number): Line {
  return { kind: 'gap', key, lost: 1 };
}

function list(count: number): LineList {
  const made = new LineList(limits);
  for (let key = 1; key <= count; key += 1) made.push(line(key));
  return made;
}

function keys(of: LineList): readonly number[] {
  return of.view().lines.map(({ key }) => key);
}

test('it follows the newest lines', () => {
  expect(keys(list(2))).toEqual([1, 2]);
  expect(keys(list(5))).toEqual([3, 4, 5]);
  expect(list(5).view()).toMatchObject({ isPaused: false, unseen: 0 });
});

test('who pauses sees all that is kept, and it stays', () => {
  const lines = list(20);
  lines.pause();
  expect(keys(lines)).toEqual([15, 16, 17, 18, 19, 20]);
  const { lines: shown } = lines.view();
  lines.push(line(21));
  expect(lines.view()).toMatchObject({ isPaused: true, unseen: 1 });
  expect(lines.view().lines).toBe(shown);
});

test('a pause in a pause changes nothing', () => {
  const lines = list(4);
  lines.pause();
  lines.push(line(5));
  lines.pause();
  expect(lines.view().unseen).toBe(1);
  expect(keys(lines)).toEqual([1, 2, 3, 4]);
});

test('who reads on gets what came in the meantime, without a hole', () => {
  const lines = list(4);
  lines.pause();
  for (const key of [5, 6, 7]) lines.push(line(key));
  lines.showMore();
  expect(keys(lines)).toEqual([1, 2, 3, 4, 5, 6]);
  lines.showMore();
  expect(keys(lines)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(lines.view().isPaused).toBe(true);
  lines.showMore();
  expect(lines.view()).toMatchObject({ isPaused: false, unseen: 0 });
  expect(keys(lines)).toEqual([5, 6, 7]);
});

test('a long pause holds a bounded number, then goes on with the newest', () => {
  const lines = list(6);
  lines.pause();
  for (let key = 7; key <= 1000; key += 1) lines.push(line(key));
  expect(lines.view().unseen).toBe(994);
  for (let more = 0; more < 2; more += 1) lines.showMore();
  expect(keys(lines)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  lines.showMore();
  expect(keys(lines)).toEqual([998, 999, 1000]);
});

test('who follows again is at the newest at once', () => {
  const lines = list(6);
  lines.pause();
  lines.push(line(7));
  lines.follow();
  expect(keys(lines)).toEqual([5, 6, 7]);
  lines.pause();
  expect(lines.view().unseen).toBe(0);
});

test('a view is one object until something changes', () => {
  const lines = list(2);
  const view = lines.view();
  expect(lines.view()).toBe(view);
  lines.follow();
  lines.showMore();
  expect(lines.view()).toBe(view);
  lines.push(line(3));
  expect(lines.view()).not.toBe(view);
});

test('news are counted from one question to the next, also in a pause', () => {
  const lines = list(7);
  expect(lines.takeNews()).toMatchObject({ count: 7 });
  lines.pause();
  lines.push(line(8));
  const { count, newest } = lines.takeNews();
  expect(count).toBe(1);
  expect(newest.at(-1)).toEqual(line(8));
  expect(lines.takeNews().count).toBe(0);
});
