// Being moved to another server: nothing is lost, nothing comes twice, and nobody notices.
import { describe, expect, test } from 'vitest';
import { ack, chat, chats, Life, redistribute, refusal, registered } from '../testing/life.ts';

const recovered = { recovered: true };

function stayQuietThere(life: Life): void {
  life.pass(20_000);
  life.hear(1, { type: 'viewers', viewers: 2 });
  life.pass(20_000);
}

test('after the delay a second connection registers with the position of then', () => {
  const life = Life.joined();
  life.hear(1, redistribute('ws://b', 350));
  life.pass(349);
  life.hear(1, chat(11));
  expect(life.everyOf('connect')).toHaveLength(1);
  life.pass(1);
  expect(life.of('connect')).toEqual([{ do: 'connect', link: 2, url: 'ws://b' }]);
  life.hear(1, chat(12));
  life.happen({ type: 'opened', link: 2 });
  expect(life.sinceOn(2)).toEqual([{ epoch: 'e', seq: 12 }]);
  expect(life.everyOf('disconnect')).toEqual([]);
});

test('without a redirect the balancer is asked', () => {
  const life = Life.joined();
  life.hear(1, redistribute(undefined, 0));
  life.pass(0);
  expect(life.of('find')).toEqual([{ do: 'find', link: 2 }]);
  life.arrive(2, 'ws://c', registered(10, recovered));
  expect(life.state.shown).toEqual({ name: 'joined', url: 'ws://c' });
});

test('messages of both connections are taken by seq, each once', () => {
  const life = Life.moving();
  life.send('a'); // so that the old one stays
  life.hear(1, ...chats(11, 13));
  life.hear(2, chat(99)); // not before registered
  life.hear(2, registered(10, recovered), ...chats(11, 12));
  life.hear(2, ...chats(13, 15));
  life.hear(1, ...chats(14, 17));
  life.hear(2, ...chats(16, 18));
  expect(life.texts).toEqual(['m11', 'm12', 'm13', 'm14', 'm15', 'm16', 'm17', 'm18']);
  expect(life.everyOf('skip')).toEqual([]);
});

test('where nothing is owed the old one is left at once', () => {
  const life = Life.moving();
  life.hear(2, registered(10, recovered));
  expect(life.last).toEqual([
    { do: 'show', state: { name: 'joined', url: 'ws://b' } },
    { do: 'count', viewers: 1 },
    { do: 'disconnect', link: 1 },
  ]);
  life.send('a');
  expect(life.sentOn(2)).toEqual(['a']);
});

test('a hand-over is no change of state but for the url', () => {
  const life = Life.moving();
  life.hear(2, registered(10, recovered));
  expect(life.shown).toEqual([
    { name: 'joined', url: 'ws://a' },
    { name: 'joined', url: 'ws://b' },
  ]);
});

test('viewers are counted by the connection that it is in the room by', () => {
  const life = Life.moving();
  const count = (link: number, viewers: number): number[] => {
    life.hear(link, { type: 'viewers', viewers });
    return life.of('count').map((action) => action.viewers);
  };
  life.send('a');
  expect([...count(2, 2), ...count(1, 3)]).toEqual([3]);
  life.hear(2, registered(10, recovered));
  expect([...count(1, 4), ...count(2, 5)]).toEqual([5]);
});

describe('lines during a hand-over', () => {
  test('go to the old one until the next one is in the room', () => {
    const life = Life.moving();
    life.send('a');
    life.hear(1, ack('a'));
    life.send('b');
    expect(life.sentOn(1)).toEqual(['a', 'b']);
  });

  test('wait from then on until what was sent on the old one is answered', () => {
    const life = Life.moving();
    life.send('a');
    life.hear(2, registered(10, recovered));
    life.send('b');
    expect(life.everyOf('disconnect')).toEqual([]);
    expect(life.sentOn(2)).toEqual([]);
    life.hear(1, ack('a'));
    expect(life.of('resolve')).toHaveLength(1);
    expect(life.of('disconnect')).toEqual([{ do: 'disconnect', link: 1 }]);
    expect(life.sentOn(2)).toEqual(['b']);
  });

  test.each([
    ['refused for good', 'bad_request', [] as string[]],
    ['refused for now', 'unavailable', ['a']],
  ])('the old one answers: %s', (_, code, repeated) => {
    const life = Life.moving();
    life.send('a');
    life.hear(2, registered(10, recovered));
    life.hear(1, refusal(code, { id: 'a' }));
    expect(life.of('disconnect')).toEqual([{ do: 'disconnect', link: 1 }]);
    life.pass(1000);
    expect(life.sentOn(2)).toEqual(repeated);
  });

  test('the old one ends before it answers: the line is repeated, with the same id', () => {
    const life = Life.moving();
    life.send('a');
    life.send('b');
    life.hear(2, registered(10, recovered));
    life.lose(1, 4001);
    expect(life.sentOn(2)).toEqual(['a']);
    life.hear(2, ack('a'));
    expect(life.sentOn(2)).toEqual(['a', 'b']);
    expect(life.everyOf('show').at(-1)?.state.name).toBe('joined');
  });

  test('the old one never answers: after 15 s it is left, and the line repeated', () => {
    const life = Life.moving();
    life.send('a');
    life.hear(2, registered(10, recovered));
    life.pass(14_999);
    expect(life.everyOf('disconnect')).toEqual([]);
    life.pass(1);
    expect(life.of('disconnect')).toEqual([{ do: 'disconnect', link: 1 }]);
    expect(life.sentOn(2)).toEqual(['a']);
  });
});

describe('the other connection does not come about', () => {
  test.each([
    ['cannot be reached', (life: Life) => life.lose(2)],
    ['stays silent', stayQuietThere],
    ['does not want it', (life: Life) => life.lose(2, 4502)],
    ['refuses the room', (life: Life) => life.hear(2, refusal('unauthorized'))],
  ])('it %s: the balancer is asked for another, and the old one goes on', (_, fail) => {
    const life = Life.moving();
    life.hear(1, chat(11));
    fail(life);
    life.hear(1, chat(12));
    life.pass(125);
    expect(life.everyOf('find')).toHaveLength(2); // one of them at the start
    life.arrive(3, 'ws://c', registered(12, recovered), chat(13));
    expect(life.state.shown).toEqual({ name: 'joined', url: 'ws://c' });
    expect(life.texts).toEqual(['m11', 'm12', 'm13']);
  });

  test('again and again: with a growing delay, and a new order begins anew', () => {
    const life = Life.moving({ random: () => 0.999_999 });
    const delays: number[] = [];
    for (let link = 2; link <= 4; link += 1) {
      life.lose(link);
      delays.push(Math.round((life.state.move?.at ?? 0) - life.now));
      life.pass(2000);
    }
    expect(delays).toEqual([250, 500, 1000]);
    life.lose(5);
    life.hear(1, redistribute('ws://c', 0));
    life.pass(0);
    expect(life.of('connect')).toEqual([{ do: 'connect', link: 6, url: 'ws://c' }]);
  });

  test('the room cannot be read there: it is asked again', () => {
    const life = Life.moving();
    life.hear(2, refusal('unavailable', { retryAfterMs: 100 }));
    life.hear(1, chat(11));
    life.pass(225);
    expect(life.sinceOn(2)).toEqual([
      { epoch: 'e', seq: 10 },
      { epoch: 'e', seq: 11 },
    ]);
    life.hear(2, registered(11, recovered));
    expect(life.state.shown).toEqual({ name: 'joined', url: 'ws://b' });
  });
});

describe('the old connection is lost first', () => {
  test('during the delay: an ordinary reconnect', () => {
    const life = Life.joined();
    life.hear(1, redistribute('ws://b', 10_000));
    life.lose(1, 4001);
    life.pass(125);
    expect(life.of('find')).toHaveLength(1);
    life.arrive(2, 'ws://c', registered(10, recovered));
    life.pass(30_000);
    expect(life.everyOf('find')).toHaveLength(2); // the order is obeyed
  });

  test('while the balancer is asked', () => {
    const life = Life.joined();
    life.hear(1, redistribute(undefined, 0));
    life.pass(0);
    life.lose(1, 4001);
    expect(life.state.shown).toEqual({ name: 'connecting' });
    life.arrive(2, 'ws://c', registered(10, recovered), chat(11));
    expect(life.texts).toEqual(['m11']);
    expect(life.everyOf('find')).toHaveLength(2);
  });

  test('before registered came there: the other one goes on, with what was not answered', () => {
    const life = Life.moving();
    life.send('a');
    life.lose(1, 4001);
    expect(life.state.shown).toEqual({ name: 'connecting' });
    expect(life.sentOn(2)).toEqual([]);
    life.hear(2, registered(10, recovered));
    expect(life.sentOn(2)).toEqual(['a']);
    expect(life.everyOf('connect')).toHaveLength(2);
  });

  test('for good: the other one is given up', () => {
    const life = Life.moving();
    life.lose(1, 4502);
    expect(life.state.shown.name).toBe('closed');
    expect(life.of('disconnect')).toEqual([{ do: 'disconnect', link: 2 }]);
  });
});

test('both are lost: what the old one owed is repeated on the third', () => {
  const life = Life.moving();
  life.send('a');
  life.hear(2, registered(10, recovered), chat(11));
  life.lose(2);
  expect(life.of('disconnect')).toEqual([{ do: 'disconnect', link: 1 }]);
  life.pass(125);
  life.arrive(3, 'ws://c', registered(11, recovered));
  expect(life.sinceOn(3)).toEqual([{ epoch: 'e', seq: 11 }]);
  expect(life.sentOn(3)).toEqual(['a']);
});

describe('orders', () => {
  test('the newest replaces one that is not yet due', () => {
    const life = Life.joined();
    life.hear(1, redistribute('ws://b', 100), redistribute('ws://c', 500));
    life.pass(499);
    expect(life.everyOf('connect')).toHaveLength(1);
    life.pass(1);
    expect(life.of('connect').map(({ url }) => url)).toEqual(['ws://c']);
  });

  test('who is on the way goes on', () => {
    const life = Life.moving();
    life.hear(1, redistribute('ws://c', 0));
    life.hear(2, registered(10, recovered));
    life.pass(1000);
    expect(life.everyOf('connect').map(({ url }) => url)).toEqual(['ws://a', 'ws://b']);
  });

  test('and one that comes in between makes it no more eager', () => {
    const life = Life.moving({ random: () => 0.999_999 });
    life.lose(2);
    life.pass(250);
    life.hear(1, redistribute('ws://c', 0));
    life.lose(3);
    expect(Math.round((life.state.move?.at ?? 0) - life.now)).toBe(500);
  });

  test('one of the new server waits until the old one is left', () => {
    const life = Life.moving();
    life.send('a');
    life.hear(2, registered(10, recovered), redistribute('ws://c', 0));
    life.pass(0);
    expect(life.of('connect')).toEqual([]);
    life.hear(1, ack('a'));
    expect(life.of('connect')).toEqual([{ do: 'connect', link: 3, url: 'ws://c' }]);
  });

  test('one that came before registered waits for it: there is no position yet', () => {
    const life = new Life();
    life.happen({ type: 'start' });
    life.arrive(1, 'ws://a', redistribute('ws://b', 0));
    life.pass(1000);
    expect(life.everyOf('connect')).toHaveLength(1);
    life.hear(1, registered(10));
    expect(life.of('connect')).toEqual([{ do: 'connect', link: 2, url: 'ws://b' }]);
  });
});
