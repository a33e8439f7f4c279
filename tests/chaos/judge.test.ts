// The judge is fed histories with one thing wrong each, and has to see it; and true ones, where it
// must not cry wolf. What was said is in judge_said.test.ts.
import { expect, test } from 'vitest';
import { judge } from './judge.ts';
import {
  chat,
  chats,
  fact,
  first,
  gap,
  registered,
  room,
  viewer,
  wrong,
  wrongs,
  type Told,
} from './testing.ts';
import type { History, Viewing } from './history.ts';

const ann = viewer('ann', 'E:4', [registered('E', 0), ...chats(1, 4)]);

test('what all have seen in order is fine, over connections and epochs', () => {
  const bob = viewer(
    'bob',
    'E:4',
    [registered('E', 1), chat(2)],
    [registered('E', 2, true), ...chats(3, 4)],
  );
  expect(wrongs('E:4', [ann, bob])).toEqual([]);
  const over = [registered('E', 0), ...chats(1, 2), registered('F', 2, true), ...chats(3, 4)];
  const around = { epochs: [first, fact('F', 'E', 2)], redisStarts: 2 };
  expect(wrongs('F:4', [viewer('ann', 'F:4', over)], around)).toEqual([]);
});

test('a message that a viewer never got is found, wherever it was lost', () => {
  const hole = viewer('bob', 'E:4', [registered('E', 0), chat(1), ...chats(3, 4)]);
  expect(wrongs('E:4', [ann, hole])).toEqual([
    'bob on ws://a: message 3…3 after E:1',
    'bob lost 1 in silence: E:2',
  ]);
  // On resume: the server says that it goes on, and does not.
  const resumed = [
    [registered('E', 0), ...chats(1, 2)],
    [registered('E', 3, true), chat(4)],
  ] as const;
  expect(wrongs('E:4', [ann, viewer('bob', 'E:4', ...resumed)])).toEqual([
    'bob on ws://a: recovered from E:2, at E:3: not the same seq',
    'bob lost 1 in silence: E:3',
  ]);
  const tail = viewer('bob', 'E:3', [registered('E', 0), ...chats(1, 3)]);
  expect(wrongs('E:4', [ann, tail])).toEqual([
    'bob lost 1 in silence: E:4',
    'bob ends at {"epoch":"E","seq":3}, Redis at {"epoch":"E","seq":4}',
  ]);
});

test('a line that nobody saw, which the log has, is lost all the same', () => {
  const short = viewer('ann', 'E:2', [registered('E', 0), ...chats(1, 2)]);
  expect(wrongs('E:3', [short])).toHaveLength(2);
});

test('a seq that comes twice or out of order is found', () => {
  const twice = viewer('bob', 'E:4', [registered('E', 0), ...chats(1, 3), chat(3), chat(4)]);
  expect(wrong('E:4', [ann, twice])).toContain('message 3…3 after E:3');
  const swapped = [registered('E', 0), chat(1), chat(3), chat(2), chat(4)];
  expect(wrongs('E:4', [ann, viewer('bob', 'E:4', swapped)])).toHaveLength(3);
});

test('viewers who hold different messages at one place are found, and whoever differs from the log', () => {
  const other = viewer('bob', 'E:4', [registered('E', 0), ...chats(1, 3), chat(4, 'else')]);
  expect(wrong('E:4', [ann, other])).toMatch(/^at E:4 ann has .* bob has/);
  const history: History = {
    viewings: [ann],
    epochs: [first],
    losses: [],
    redisStarts: 1,
    rooms: [{ room, epoch: 'E', seq: 4, log: [{ seq: 4, line: '{"ts":1,"message":"else"}' }] }],
    historyMessages: 200,
    historyIsAmple: true,
  };
  expect(judge(history).wrong).toEqual([expect.stringMatching(/the log has/)]);
});

/** Gets 2 and 3 as messages of the new epoch. */
const behind = (third: string): Viewing =>
  viewer('bob', 'F:3', [registered('E', 1), registered('F', 1, true), chat(2), chat(3, third)]);

test('one place has two names after a new epoch, and they are compared', () => {
  const around = { epochs: [first, fact('F', 'E', 3)], redisStarts: 2 };
  const before = viewer('ann', 'F:3', [
    registered('E', 0),
    ...chats(1, 3),
    registered('F', 3, true),
  ]);
  expect(wrongs('F:3', [before, behind('line 3')], around)).toEqual([]);
  expect(wrong('F:3', [before, behind('else')], around)).toMatch(/^at E:3 ann has/);
});

test('a gap is believed only where the history no longer has what it names', () => {
  const gapped = viewer('bob', 'E:4', [registered('E', 0), chat(1), gap(2, 3), chat(4)]);
  expect(wrong('E:4', [ann, gapped])).toContain('gap 2…3, but the history has that');
  expect(wrong('E:4', [ann, gapped], { history: 2 })).toContain('gap 2…3, but the history has');
  expect(wrongs('E:4', [ann, gapped], { history: 1 })).toEqual([]);
  const overlapping = [registered('E', 0), ...chats(1, 2), gap(2, 3), chat(4)];
  expect(wrongs('E:4', [ann, viewer('bob', 'E:4', overlapping)], { history: 1 })).toEqual([
    'bob on ws://a: gap 2…3 after E:2',
  ]);
  const short = [registered('E', 0), chat(1), gap(2, 2), chat(4)];
  expect(wrongs('E:4', [ann, viewer('bob', 'E:4', short)], { history: 1 })).toContain(
    'bob lost 1 in silence: E:3',
  );
});

test('recovered:false is believed only where the position is gone', () => {
  const lost = [
    [registered('E', 0), chat(1)],
    [registered('E', 3, false), chat(4)],
  ] as const;
  const bob = viewer('bob', 'E:4', ...lost);
  expect(wrong('E:4', [ann, bob])).toContain('lost at E:1, now at E:3, but the history has');
  expect(wrongs('E:4', [ann, bob], { history: 2 })).toEqual([]);
  // In a new epoch that goes on from the position it is a lie as well.
  const around = { epochs: [first, fact('F', 'E', 2)], redisStarts: 2 };
  const over = [registered('E', 0), ...chats(1, 2), registered('F', 2, false), ...chats(3, 4)];
  expect(wrong('F:4', [viewer('bob', 'F:4', over)], around)).toContain('lost at E:2, now at F:2');
  // Two epochs later nobody remembers.
  const later = { epochs: [first, fact('F', 'E', 2), fact('G', 'F', 2)], redisStarts: 3 };
  const far = [registered('E', 0), ...chats(1, 2), registered('G', 2, false), ...chats(3, 4)];
  expect(wrongs('G:4', [viewer('bob', 'G:4', far)], later)).toEqual([]);
});

test('recovered:true is believed only where the new epoch goes on from there', () => {
  const others = [chat(3, 'another'), chat(4, 'yet another')];
  const around = {
    epochs: [first, fact('F', 'E', 2)],
    redisStarts: 2,
    losses: [{ room: undefined, at: 200 }],
  };
  const told = (recovered: boolean, seq: number): Told => [
    registered('E', 0),
    ...chats(1, 3),
    registered('F', seq, recovered),
    ...others.slice(seq - 2),
  ];
  expect(wrongs('F:4', [viewer('bob', 'F:4', told(false, 2))], around)).toEqual([]);
  const liar = wrongs('F:4', [viewer('bob', 'F:4', told(true, 3))], around);
  expect(liar).toEqual([
    'bob on ws://a: recovered from E:3, at F:3, but that is another order',
    'bob lost 1 in silence: F:3',
  ]);
});

test('verdicts are there when asked for, and only then', () => {
  const unasked = viewer('bob', 'E:4', [registered('E', 0, true), ...chats(1, 4)]);
  expect(wrong('E:4', [unasked])).toContain('nobody asked for');
  const silent = [
    [registered('E', 0), ...chats(1, 2)],
    [registered('E', 2), ...chats(3, 4)],
  ] as const;
  expect(wrong('E:4', [viewer('bob', 'E:4', ...silent)])).toContain('no verdict on E:2');
  const again = [registered('E', 0), ...chats(1, 2), registered('E', 2, true), ...chats(3, 4)];
  expect(wrong('E:4', [viewer('bob', 'E:4', again)])).toContain('again in the same epoch');
});

test('epochs go forward, and only Redis begins one', () => {
  const around = { epochs: [first, fact('F', 'E', 2)], redisStarts: 2 };
  const back = [
    [registered('F', 2), ...chats(3, 4)],
    [registered('E', 4, false), registered('F', 4, false)],
  ] as const;
  expect(wrongs('F:4', [viewer('bob', 'F:4', ...back)], around)).toContain(
    'bob on ws://a: back from epoch F to the older E',
  );
  const over = [registered('E', 0), ...chats(1, 2), registered('F', 2, true), ...chats(3, 4)];
  const causeless = { epochs: around.epochs, redisStarts: 1 };
  expect(wrong('F:4', [viewer('bob', 'F:4', over)], causeless)).toContain('only 1 reasons for one');
});

test('who never got in, and what a viewer itself found wrong, is told', () => {
  expect(wrongs('E:0', [viewer('bob', 'E:0', [])])).toEqual(['bob never got in']);
  const troubled = { ...ann, troubles: ['closed with 4503'] };
  expect(wrong('E:4', [troubled])).toBe('ann: closed with 4503');
  const [visit] = ann.visits;
  if (visit === undefined) throw new Error('ann has a visit');
  const journaled = { ...ann, visits: [{ ...visit, violations: ['half a message'] }] };
  expect(wrong('E:4', [journaled])).toBe('ann on ws://a: half a message');
});

test('where it is not known how epochs followed each other nothing is claimed, and that is counted', () => {
  const told = [registered('E', 0), ...chats(1, 2), registered('F', 2, true), chat(3)];
  const history: History = {
    viewings: [viewer('ann', 'F:3', told)],
    epochs: [fact('F', 'E', 2)],
    losses: [],
    redisStarts: 2,
    rooms: [{ room, epoch: 'F', seq: 3, log: [] }],
    historyMessages: 200,
    historyIsAmple: true,
  };
  expect(judge(history)).toMatchObject({ wrong: [], unjudged: 1 });
});
