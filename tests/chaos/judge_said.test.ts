// What was said and acknowledged, with one thing wrong each: the judge has to see it.
import { expect, test } from 'vitest';
import type { ServerMessage } from '../integration/harness/messages.ts';
import type { Said, Viewing } from './history.ts';
import {
  ack,
  chat,
  chats,
  fact,
  first,
  gap,
  refusal,
  registered,
  room,
  said,
  saying,
  viewer,
  wrong,
  wrongs,
  type Around,
} from './testing.ts';

const talk = (...told: ServerMessage[]): Viewing =>
  viewer('ann', 'E:2', [registered('E', 0), ...chats(1, 2), ...told]);
const lostAt = (at: number): Around => ({ losses: [{ room: undefined, at }] });
const repeatedAt = (seq: number): Viewing =>
  viewer('ann', `E:${seq}`, [
    registered('E', 0),
    chat(1, 'mine'),
    ...chats(2, seq - 1),
    chat(seq, 'mine'),
  ]);

test('an acknowledged line stands where the ack said', () => {
  const good = saying(talk(ack('line 1', 1)), said('line 1', 0));
  expect(wrongs('E:2', [good])).toEqual([]);
  const elsewhere = saying(talk(ack('line 1', 2)), said('line 1', 0));
  expect(wrong('E:2', [elsewhere])).toContain('acknowledged as 2, and stands E:1');
  const never = saying(talk(ack('mine', 2)), said('mine', 0));
  expect(wrong('E:2', [never])).toContain('acknowledged as 2, and stands nowhere');
  expect(wrongs('E:2', [never], lostAt(99))).toHaveLength(1);
  expect(wrongs('E:2', [never], lostAt(100))).toEqual([]);
  expect(wrongs('E:2', [never], { losses: [{ room: 'another', at: 200 }] })).toHaveLength(1);
});

test('an ack for a place that nobody saw and the log has forgotten is not held against anybody', () => {
  const told = [registered('E', 0), ack('mine', 1), gap(1, 1), chat(2)];
  const gone = saying(viewer('ann', 'E:2', told), said('mine', 0));
  expect(wrongs('E:2', [gone], { history: 1 })).toEqual([]);
  expect(wrongs('E:2', [gone])).toContain(
    "ann's id of mine: acknowledged as 1, and stands nowhere",
  );
  const silent = [registered('E', 0), ack('mine', 1), chat(2)];
  const lost = saying(viewer('ann', 'E:2', silent), said('mine', 0));
  expect(wrongs('E:2', [lost], { history: 1 })).toContain('ann lost 1 in silence: E:1');
  const another = saying(talk(ack('mine', 1)), said('mine', 0));
  expect(wrong('E:2', [another], { history: 1 })).toContain(
    'acknowledged as 1, and stands nowhere',
  );
});

test('an epoch that dies without a loss of data takes nothing acknowledged along', () => {
  const around = { epochs: [first, fact('F', '', 0)], redisStarts: 2 };
  const told = [registered('E', 0), chat(1), ack('line 1', 1), registered('F', 0, false)];
  const lost = saying(viewer('ann', 'F:0', told), said('line 1', 0));
  expect(wrong('F:0', [lost], around)).toContain('which died although Redis lost nothing');
  expect(wrongs('F:0', [lost], { ...around, losses: [{ room, at: 200 }] })).toEqual([]);
});

test('every line is answered, and no oftener than it was sent', () => {
  expect(wrong('E:2', [saying(talk(), said('line 1', 0))])).toContain('never acknowledged');
  const twice = saying(talk(ack('line 1', 1), ack('line 1', 1)), said('line 1', 0));
  expect(wrong('E:2', [twice])).toContain('sent 1 times, answered 2 times');
});

test('a line stands no oftener than it was sent, less where it was refused', () => {
  const told = [registered('E', 0), chat(1, 'mine'), chat(2, 'mine')];
  const doubled = (lines: Said, ...answers: ServerMessage[]): Viewing =>
    saying(viewer('ann', 'E:2', [...told, ...answers]), lines);
  expect(wrongs('E:2', [doubled(said('mine', 0), ack('mine', 1))])).toEqual([
    expect.stringContaining('refused 0 times, stands at E:1,E:2'),
    expect.stringContaining('sent 1 times, stands at E:1,E:2'),
  ]);
  expect(wrongs('E:2', [doubled(said('mine', 0, 0), ack('mine', 1))])).toEqual([]);
  const refused = doubled(said('mine', 0, 0), refusal('mine'), ack('mine', 1));
  expect(wrong('E:2', [refused])).toContain('sent 2 times, refused 1 times, stands at E:1,E:2');
});

test('a line arrives as it was sent, and lines of one connection in its order', () => {
  const changed = { ...said('line 1', 0), text: 'what I meant' };
  expect(wrong('E:2', [saying(talk(ack('line 1', 1)), changed)])).toContain('became "line 1"');
  const answers = [ack('line 1', 1), ack('line 2', 2)];
  const inOrder = saying(talk(...answers), said('line 1', 0), said('line 2', 0));
  expect(wrongs('E:2', [inOrder])).toEqual([]);
  const swapped = saying(talk(...answers), said('line 2', 0), said('line 1', 0));
  expect(wrong('E:2', [swapped])).toContain('said id of line 2 before id of line 1: 2 and 1');
  const repeated = saying(talk(...answers), said('line 2', 0, 0), said('line 1', 0));
  expect(wrongs('E:2', [repeated])).toEqual([]);
});

test('a repeat that comes when its id is forgotten is found', () => {
  expect(wrongs('E:1001', [repeatedAt(1001)])).toEqual([]);
  expect(wrong('E:1002', [repeatedAt(1002)])).toContain('is shown id of mine twice');
});
