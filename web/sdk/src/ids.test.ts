import { expect, test } from 'vitest';
import { idMaker } from './ids.ts';
import { RecentIds } from './recent_ids.ts';

test('ids are short, unique, and share their beginning', () => {
  const newId = idMaker();
  const ids = Array.from({ length: 2000 }, newId);
  expect(new Set(ids).size).toBe(2000);
  expect(new Set(ids.map((id) => id.slice(0, 8))).size).toBe(1);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9+/]{9,12}$/);
});

test('two clients have others', () => {
  expect(idMaker()()).not.toBe(idMaker()());
});

test('when the counter is used up, another beginning follows: never more than twelve characters', () => {
  const newId = idMaker(35 + 36 * (35 + 36 * (35 + 36 * 35)));
  const [last, first] = [newId(), newId()];
  expect(last).toMatch(/zzzz$/);
  expect(last).toHaveLength(12);
  expect(first).toHaveLength(9);
  expect(first.slice(0, 8)).not.toBe(last.slice(0, 8));
});

test('the newest thousand ids are known', () => {
  const recent = new RecentIds();
  for (let i = 0; i < 1000; i += 1) expect(recent.isNew(`${i}`)).toBe(true);
  expect(recent.isNew('0')).toBe(false);
  expect(recent.isNew('1000')).toBe(true);
  expect(recent.isNew('1')).toBe(false);
  expect(recent.isNew('0')).toBe(true);
});
