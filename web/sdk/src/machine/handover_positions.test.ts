// Holes and epochs in a hand-over, where two connections say where the room is.
import { expect, test } from 'vitest';
import { chat, chats, Life, registered } from '../testing/life.ts';

const recovered = { recovered: true };
const skips = (life: Life) => life.everyOf('skip').map(({ skipped }) => skipped);

test('not recovered there: lost is what neither connection has brought', () => {
  const life = Life.moving();
  life.send('a');
  life.hear(1, ...chats(11, 14));
  life.hear(2, registered(20, { recovered: false }), ...chats(21, 22));
  life.hear(1, ...chats(15, 23));
  expect(skips(life)).toEqual([{ lost: 6, from: 15, to: 20 }]);
  expect(life.texts).toEqual(['m11', 'm12', 'm13', 'm14', 'm21', 'm22', 'm23']);
});

test('a gap on the old one is none: the other one brings it', () => {
  const life = Life.moving();
  life.send('a');
  life.hear(2, registered(10, recovered));
  life.hear(1, { type: 'gap', from: 11, to: 30 }, chat(31));
  life.hear(2, ...chats(11, 31));
  expect(skips(life)).toEqual([]);
  expect(life.texts).toHaveLength(21);
});

test('a new epoch there: the old one brings nothing any more', () => {
  const life = Life.moving();
  life.send('a');
  life.hear(2, registered(10, { epoch: 'f', recovered: true }), chat(11));
  life.hear(1, chat(11), chat(12));
  expect(life.texts).toEqual(['m11']);
  expect(life.everyOf('deliver').map(({ epoch }) => epoch)).toEqual(['f']);
});

test('and has no say in which epoch it is', () => {
  const life = Life.moving();
  life.send('a');
  life.hear(2, registered(10, { epoch: 'g', recovered: true }), chat(11));
  life.hear(1, registered(10, { epoch: 'f', recovered: false }), chat(11), chat(12));
  life.hear(2, chat(12));
  expect(life.state.position).toEqual({ epoch: 'g', seq: 12 });
  expect(life.texts).toEqual(['m11', 'm12']);
  expect(skips(life)).toEqual([]);
});

test('an answer of a new epoch to a position that was left behind is asked for again', () => {
  const life = Life.moving();
  life.hear(1, ...chats(11, 14)); // while the answer was on its way
  life.hear(2, registered(10, { epoch: 'f', recovered: true }), ...chats(11, 14));
  expect(life.sinceOn(2).at(-1)).toEqual({ epoch: 'e', seq: 14 });
  life.hear(2, registered(14, { epoch: 'f', recovered: true }), chat(15));
  expect(life.texts).toEqual(['m11', 'm12', 'm13', 'm14', 'm15']);
});

test('the epoch changes on the old one while the other one registers', () => {
  const life = Life.moving();
  life.hear(1, registered(10, { epoch: 'f', recovered: true }), chat(11));
  life.hear(2, registered(10, { epoch: 'e', recovered: true })); // it has not heard of it yet
  expect(life.sinceOn(2).at(-1)).toEqual({ epoch: 'f', seq: 11 });
  life.hear(2, registered(11, { epoch: 'f', recovered: true }), chat(12));
  expect(life.texts).toEqual(['m11', 'm12']);
});
