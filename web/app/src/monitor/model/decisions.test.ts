import { expect, test } from 'vitest';
import { groupDecisions, numbersText, withNames, type Decision } from './decisions.ts';
import { NameBook } from './names.ts';

const a = '6f1c8a9e-3b52-4d7e-9a10-0123456789ab';
const b = '0b8bb77e-4f0c-4c5a-9d57-0b8f5f9e7a11';
const decision = (at: number, what: string, why: string): Decision => ({
  at,
  what,
  why,
  numbers: [],
});
const move = (at: number, id: string): Decision =>
  decision(at, 'redistribute', `${id} is overloaded: ${at} of its viewers go to servers with room`);

test('what repeats each second about one server is one line, the newest first', () => {
  const groups = groupDecisions([
    move(1000, a),
    move(1500, b),
    move(2000, a),
    decision(2100, 'spawn', `${a} is over, and no other server has room`),
    move(3000, a),
    move(9000, a),
    decision(9100, 'create', 'asked'),
    decision(9200, 'create', 'asked'),
  ]);
  expect(
    groups.map(({ decision: { at, what }, since, count }) => [what, since, at, count]),
  ).toEqual([
    ['create', 9200, 9200, 1],
    ['create', 9100, 9100, 1],
    ['redistribute', 9000, 9000, 1],
    ['redistribute', 1000, 3000, 3],
    ['spawn', 2100, 2100, 1],
    ['redistribute', 1500, 1500, 1],
  ]);
});

test('ids become names, also of servers that are gone', () => {
  const book = new NameBook(2);
  book.note(a, 'ws://127.0.0.1:8080');
  expect(withNames(`${a} moves, ${b} does not`, book.nameOf)).toBe(
    '127.0.0.1:8080 moves, 0b8bb77e… does not',
  );
  book.note(b, 'wss://chat.example/');
  book.note('third', 'ws://c');
  expect([book.nameOf(a), book.nameOf(b)]).toEqual([undefined, 'chat.example']);
});

test('numbers come with their words and units', () => {
  const numbers = [
    ['load', 1.23456],
    ['lag_above_ms', 15],
    ['silent_after_s', 5],
    ['room_below', 0.8],
    ['viewers', 12_345],
  ] as const;
  expect(numbersText(numbers)).toBe(
    'load 1.23, lag above 15 ms, silent after 5 s, room below 0.8, viewers 12,345',
  );
});
