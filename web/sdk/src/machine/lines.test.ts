// What is said: one line at a time, in order, again where the fate of one is not known.
import { describe, expect, test } from 'vitest';
import { ack, Life, refusal, registered } from '../testing/life.ts';

test('the next line goes when the one before is answered', () => {
  const life = Life.joined();
  for (const id of ['a', 'b', 'c']) life.send(id);
  expect(life.sentOn(1)).toEqual(['a']);
  life.hear(1, ack('a', 11));
  expect(life.of('resolve')).toEqual([{ do: 'resolve', id: 'a', seq: 11 }]);
  expect(life.sentOn(1)).toEqual(['a', 'b']);
  life.hear(1, refusal('message_too_long', { id: 'b' }));
  expect(life.of('reject')).toMatchObject([{ id: 'b', failure: { code: 'message_too_long' } }]);
  expect(life.sentOn(1)).toEqual(['a', 'b', 'c']);
});

test('an answer to nothing, or to another line, is none', () => {
  const life = Life.joined();
  life.hear(1, ack('stranger'));
  life.send('a');
  life.send('b');
  life.hear(1, ack('b'), refusal('bad_request', { id: 'b' }));
  expect(life.everyOf('resolve')).toEqual([]);
  expect(life.everyOf('reject')).toEqual([]);
  expect(life.of('complain')).toHaveLength(1);
});

test.each(['bad_request', 'unknown_type', 'not_registered', 'message_too_long', 'unauthorized'])(
  '%s is the end of a line, and it is not repeated',
  (code) => {
    const life = Life.joined();
    life.send('a');
    life.hear(1, refusal(code, { id: 'a' }));
    const failure = { code, message: `because of ${code}`, id: 'a' };
    expect(life.of('reject')).toEqual([{ do: 'reject', id: 'a', failure }]);
    life.pass(30_000);
    expect(life.sentOn(1)).toEqual(['a']);
  },
);

test('so is a code of a later release', () => {
  const life = Life.joined();
  life.send('a');
  life.hear(1, refusal('too_hot', { id: 'a' }));
  expect(life.of('reject')).toMatchObject([{ failure: { code: 'too_hot' } }]);
});

test('an error without id is of the line under way: its id could not be read', () => {
  const life = Life.joined();
  life.send('a');
  life.send('b');
  life.hear(1, refusal('bad_request'));
  expect(life.of('reject').map(({ id }) => id)).toEqual(['a']);
  expect(life.sentOn(1)).toEqual(['a', 'b']);
});

test('an error while nothing is under way is only told', () => {
  const life = Life.joined();
  life.hear(1, refusal('bad_request'));
  expect(life.last).toMatchObject([{ do: 'complain', failure: { code: 'bad_request' } }]);
});

describe.each(['rate_limited', 'unavailable'])('%s', (code) => {
  test('the line is repeated under its id, when the server says and a little later', () => {
    const life = Life.joined();
    life.send('a');
    life.send('b');
    life.hear(1, refusal(code, { id: 'a', retryAfterMs: 1200 }));
    expect(life.of('complain')).toMatchObject([{ failure: { code, retryAfterMs: 1200 } }]);
    life.pass(1200);
    expect(life.sentOn(1)).toEqual(['a']);
    life.pass(125);
    expect(life.sentOn(1)).toEqual(['a', 'a']);
    life.hear(1, ack('a'));
    expect(life.sentOn(1)).toEqual(['a', 'a', 'b']);
  });

  test('the patience grows, until a line is taken', () => {
    const life = Life.joined({ random: () => 0.999_999 });
    life.send('a');
    const delays: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      life.hear(1, refusal(code, { id: 'a', retryAfterMs: 0 }));
      delays.push(Math.round(life.state.holdUntil - life.now));
      life.pass(10_000);
    }
    expect(delays).toEqual([250, 500, 1000, 2000]);
    life.hear(1, ack('a'));
    life.send('b');
    life.hear(1, refusal(code, { id: 'b' }));
    expect(Math.round(life.state.holdUntil - life.now)).toBe(250);
  });

  test('the connection is lost meanwhile: it is repeated on the next one, not sooner', () => {
    const life = Life.joined();
    life.send('a');
    life.hear(1, refusal(code, { id: 'a', retryAfterMs: 1000 }));
    life.lose(1);
    life.pass(125);
    life.arrive(2, 'ws://b', registered(10, { recovered: true }));
    expect(life.sentOn(2)).toEqual([]);
    life.pass(1000);
    expect(life.sentOn(2)).toEqual(['a']);
  });
});

describe('a lost connection', () => {
  test('what was not answered is repeated, in order, under its id', () => {
    const life = Life.joined();
    for (const id of ['a', 'b', 'c']) life.send(id);
    life.hear(1, ack('a'));
    life.lose(1, 4003);
    life.send('d');
    life.pass(125);
    life.arrive(2, 'ws://b');
    expect(life.sentOn(2)).toEqual([]); // not before it is in the room
    life.hear(2, registered(10, { recovered: true }));
    for (const id of ['b', 'c', 'd']) life.hear(2, ack(id));
    expect(life.sentOn(2)).toEqual(['b', 'c', 'd']);
    expect(life.everyOf('resolve').map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a line that was too long for the server is not repeated: it would end each connection', () => {
    const life = Life.joined();
    life.send('a');
    life.send('b');
    life.lose(1, 1009);
    expect(life.of('reject')).toMatchObject([{ id: 'a', failure: { code: 'message_too_long' } }]);
    life.pass(125);
    life.arrive(2, 'ws://b', registered(10, { recovered: true }));
    expect(life.sentOn(2)).toEqual(['b']);
  });
});

describe('the queue', () => {
  test('takes lines while there is no connection, up to its bound', () => {
    const life = new Life({ queueMax: 3 });
    life.happen({ type: 'start' });
    for (const id of ['a', 'b', 'c']) expect(life.send(id)).toEqual([]);
    expect(life.send('d')).toMatchObject([
      { do: 'reject', id: 'd', failure: { code: 'queue_full', id: 'd' } },
    ]);
    life.arrive(1, 'ws://a', registered(0));
    for (const id of ['a', 'b', 'c']) life.hear(1, ack(id));
    expect(life.everyOf('resolve').map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  test('has room again when one was answered', () => {
    const life = Life.joined({ queueMax: 1 });
    life.send('a');
    life.send('b');
    life.hear(1, ack('a'));
    life.send('c');
    expect(life.everyOf('reject').map(({ id }) => id)).toEqual(['b']);
    expect(life.sentOn(1)).toEqual(['a', 'c']);
  });
});
