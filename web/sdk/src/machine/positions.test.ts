// What a viewer gets, once and in order, and what it is told it will not get.
import { describe, expect, test } from 'vitest';
import { chat, chats, Life, registered } from '../testing/life.ts';

function resumed(): Life {
  const life = Life.joined();
  life.hear(1, ...chats(11, 12));
  life.lose(1);
  life.pass(125);
  life.arrive(2, 'ws://b');
  return life;
}

const skips = (life: Life) => life.everyOf('skip').map(({ skipped }) => skipped);

test('messages are delivered by seq, each once', () => {
  const life = Life.joined();
  life.hear(1, chat(11), chat(12), chat(12), chat(11), chat(13));
  expect(life.texts).toEqual(['m11', 'm12', 'm13']);
  expect(life.state.position).toEqual({ epoch: 'e', seq: 13 });
});

test('history comes after the position of registered', () => {
  const life = new Life({ history: 3 });
  life.happen({ type: 'start' });
  life.arrive(1, 'ws://a', registered(7), ...chats(8, 10));
  expect(life.texts).toEqual(['m8', 'm9', 'm10']);
});

test('nothing counts before registered', () => {
  const life = new Life();
  life.happen({ type: 'start' });
  life.arrive(1, 'ws://a', chat(3), { type: 'gap', from: 1, to: 2 });
  expect(life.everyOf('deliver')).toEqual([]);
  expect(life.state.position).toBeUndefined();
});

test('an ack moves no position', () => {
  const life = Life.joined();
  life.send('a');
  life.hear(1, { type: 'ack', chatId: 'lobby', id: 'a', seq: 12 }, ...chats(11, 12));
  expect(life.texts).toEqual(['m11', 'm12']);
});

describe('gap', () => {
  test('is told, and moves the position', () => {
    const life = Life.joined();
    life.hear(1, { type: 'gap', from: 11, to: 20 }, chat(20), chat(21));
    expect(skips(life)).toEqual([{ lost: 10, from: 11, to: 20 }]);
    expect(life.texts).toEqual(['m21']);
  });

  test('of what was seen is none', () => {
    const life = Life.joined();
    life.hear(1, ...chats(11, 15), { type: 'gap', from: 11, to: 15 });
    life.hear(1, { type: 'gap', from: 14, to: 17 });
    expect(skips(life)).toEqual([{ lost: 2, from: 16, to: 17 }]);
  });

  test('a hole that nobody told of is told', () => {
    const life = Life.joined();
    life.hear(1, chat(14));
    expect(skips(life)).toEqual([{ lost: 3, from: 11, to: 13 }]);
    expect(life.texts).toEqual(['m14']);
  });
});

describe('resume', () => {
  test('recovered: everything after since follows', () => {
    const life = resumed();
    expect(life.sinceOn(2)).toEqual([{ epoch: 'e', seq: 12 }]);
    life.hear(2, registered(12, { recovered: true }), ...chats(13, 15));
    expect(life.texts).toEqual(['m11', 'm12', 'm13', 'm14', 'm15']);
    expect(skips(life)).toEqual([]);
  });

  test('not recovered, same epoch: exactly what lies between is lost', () => {
    const life = resumed();
    life.hear(2, registered(40, { recovered: false }), ...chats(41, 42));
    expect(skips(life)).toEqual([{ lost: 28, from: 13, to: 40 }]);
    expect(life.texts).toEqual(['m11', 'm12', 'm41', 'm42']);
  });

  test('not recovered, but nothing lies between: nothing is lost', () => {
    const life = resumed();
    life.hear(2, registered(12, { recovered: false }), chat(13));
    expect(skips(life)).toEqual([]);
    expect(life.texts).toEqual(['m11', 'm12', 'm13']);
  });

  test('not recovered, another epoch: nobody knows what was lost', () => {
    const life = resumed();
    life.hear(2, registered(3, { epoch: 'f', recovered: false }), ...chats(4, 5));
    expect(skips(life)).toEqual([{ lost: undefined }]);
    expect(life.texts).toEqual(['m11', 'm12', 'm4', 'm5']);
    expect(life.state.position).toEqual({ epoch: 'f', seq: 5 });
  });

  test('recovered in another epoch: the order goes on', () => {
    const life = resumed();
    life.hear(2, registered(12, { epoch: 'f', recovered: true }), chat(13));
    expect(skips(life)).toEqual([]);
    expect(life.texts).toEqual(['m11', 'm12', 'm13']);
  });

  test('before the first registered there is no position to resume from', () => {
    const life = new Life({ history: 5 });
    life.happen({ type: 'start' });
    life.arrive(1, 'ws://a');
    life.lose(1);
    life.pass(125);
    life.arrive(2, 'ws://a');
    expect(life.sinceOn(2)).toEqual([undefined]);
  });
});

describe('the epoch changes under a connection', () => {
  test('and the position is still good', () => {
    const life = Life.joined();
    life.hear(1, registered(10, { epoch: 'f', recovered: true }), chat(11));
    expect(skips(life)).toEqual([]);
    expect(life.texts).toEqual(['m11']);
    expect(life.state.position).toEqual({ epoch: 'f', seq: 11 });
  });

  test('and the position is gone', () => {
    const life = Life.joined();
    life.hear(1, registered(2, { epoch: 'f', recovered: false }), chat(3));
    expect(skips(life)).toEqual([{ lost: undefined }]);
    expect(life.texts).toEqual(['m3']);
    expect(life.everyOf('deliver')[0]?.epoch).toBe('f');
  });
});
