// How a room is found, lost and found again.
import { describe, expect, test } from 'vitest';
import { chat, Life, refusal, registered } from '../testing/life.ts';
import { wakeAt } from './step.ts';

/** Numbers that look random and are the same each time. */
function sequence(...numbers: number[]): () => number {
  let at = 0;
  return () => numbers[at++ % numbers.length] ?? 0;
}

/** The bound of the next delay: with a random number of almost 1. */
function delayBound(life: Life): number {
  return Math.round(wakeAt(life.state) - life.now);
}

describe('on the way into the room', () => {
  test('the balancer is asked, then the server, then the room', () => {
    const life = new Life({ history: 50 });
    expect(life.happen({ type: 'start' })).toEqual([{ do: 'find', link: 1 }]);
    expect(life.happen({ type: 'found', link: 1, url: 'ws://a' })).toEqual([
      { do: 'connect', link: 1, url: 'ws://a' },
    ]);
    const text = '{"type":"register","payload":{"chatId":"lobby","history":50}}';
    expect(life.happen({ type: 'opened', link: 1 })).toEqual([{ do: 'transmit', link: 1, text }]);
    expect(life.hear(1, registered(41))).toEqual([
      { do: 'show', state: { name: 'joined', url: 'ws://a' } },
      { do: 'count', viewers: 1 },
    ]);
    expect(life.state.position).toEqual({ epoch: 'e', seq: 41 });
  });

  test('a server that is given is not asked for', () => {
    const life = new Life({ server: 'ws://fixed' });
    expect(life.happen({ type: 'start' })).toEqual([{ do: 'connect', link: 1, url: 'ws://fixed' }]);
  });

  test('a balancer or a server that does not answer is given up after 10 s', () => {
    const life = new Life();
    life.happen({ type: 'start' });
    expect(life.pass(9_999)).toEqual([]);
    life.pass(1);
    expect(life.of('disconnect')).toEqual([{ do: 'disconnect', link: 1 }]);
    expect(life.state.shown.name).toBe('waiting');
    life.pass(125);
    life.happen({ type: 'found', link: 2, url: 'ws://a' });
    life.pass(10_000);
    expect(life.of('disconnect')).toEqual([{ do: 'disconnect', link: 2 }]);
  });

  test('a room that cannot be read now is asked for again on the same connection', () => {
    const life = new Life();
    life.happen({ type: 'start' });
    life.arrive(1, 'ws://a', refusal('unavailable', { retryAfterMs: 700 }));
    expect(life.of('complain')).toHaveLength(1);
    expect(life.pass(700)).toEqual([]);
    life.pass(125); // and some jitter
    expect(life.of('transmit')).toHaveLength(1);
    life.hear(1, registered(3));
    expect(life.state.shown.name).toBe('joined');
  });

  test('a room that is refused is closed, with the reason', () => {
    const life = new Life();
    life.happen({ type: 'start' });
    life.happen({ type: 'send', id: 'a', text: 'x' });
    life.arrive(1, 'ws://a', refusal('bad_request'));
    const error = { code: 'bad_request', message: 'because of bad_request' };
    expect(life.state.shown).toEqual({ name: 'closed', error });
    expect(life.of('disconnect')).toEqual([{ do: 'disconnect', link: 1 }]);
    expect(life.of('reject')).toEqual([{ do: 'reject', id: 'a', failure: { ...error, id: 'a' } }]);
  });
});

describe('close codes', () => {
  const back = [
    1000, 1001, 1002, 1003, 1005, 1006, 1007, 1009, 1011, 1012, 1013, 3000, 3999, 4000, 4001, 4002,
    4003, 4499, 5000,
  ];
  test.each(back)('%i: it comes back and resumes', (code) => {
    const life = Life.joined();
    life.hear(1, chat(11));
    life.lose(1, code, 'why');
    expect(life.state.shown).toEqual({ name: 'waiting', reason: 'why', retryInMs: 125 });
    life.pass(125);
    expect(life.of('find')).toHaveLength(1);
    life.arrive(2, 'ws://b');
    expect(life.sinceOn(2)).toEqual([{ epoch: 'e', seq: 11 }]);
  });

  const codes = { 4500: 'bad_request', 4501: 'unauthorized', 4502: 'refused', 4503: 'refused' };
  const away = [...Object.keys(codes).map(Number), 4700, 4999];
  test.each(away)('%i: it stays away', (closeCode) => {
    const life = Life.joined();
    life.send('a');
    life.lose(1, closeCode, 'why');
    const code = codes[closeCode as keyof typeof codes] ?? 'refused';
    const error = { code, message: 'why', closeCode };
    expect(life.state.shown).toEqual({ name: 'closed', error });
    expect(life.of('reject')).toEqual([{ do: 'reject', id: 'a', failure: { ...error, id: 'a' } }]);
    expect(wakeAt(life.state)).toBe(Infinity);
  });
});

describe('the wait before the next attempt', () => {
  test('is bounded by 250 ms, doubled with each failure, and 30 s', () => {
    const life = new Life({ random: () => 0.999_999 });
    life.happen({ type: 'start' });
    const bounds: number[] = [];
    for (let link = 1; link <= 10; link += 1) {
      life.lose(link);
      bounds.push(delayBound(life));
      life.wake();
    }
    expect(bounds).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  test('is anything between zero and the bound', () => {
    const life = new Life({ random: sequence(0, 0.25, 0.75) });
    life.happen({ type: 'start' });
    const delays: number[] = [];
    for (let link = 1; link <= 3; link += 1) {
      life.lose(link);
      delays.push(wakeAt(life.state) - life.now);
      life.wake();
    }
    expect(delays).toEqual([0, 125, 750]);
  });

  test('never ends: attempts are bounded in rate, not in number', () => {
    const life = new Life({ random: () => 0.5 });
    life.happen({ type: 'start' });
    for (let link = 1; link <= 2000; link += 1) {
      life.lose(link);
      life.wake();
      expect(life.last).toEqual([
        { do: 'show', state: { name: 'connecting' } },
        { do: 'find', link: link + 1 },
      ]);
    }
  });

  test.each([
    [9_999, 1000],
    [10_000, 250],
  ])(
    'after %i ms in the room is bounded by %i ms: a connection that held begins anew',
    (ms, bound) => {
      const life = new Life({ random: () => 0.999_999 });
      life.happen({ type: 'start' });
      for (const link of [1, 2]) {
        life.lose(link);
        life.wake();
      }
      life.arrive(3, 'ws://a', registered(1));
      life.pass(ms);
      life.lose(3);
      expect(delayBound(life)).toBe(bound);
    },
  );

  test('goes on growing where a server lets viewers in and drops them', () => {
    const life = new Life({ random: () => 0.999_999 });
    life.happen({ type: 'start' });
    const bounds: number[] = [];
    for (let link = 1; link <= 4; link += 1) {
      life.arrive(link, 'ws://a', registered(1));
      life.lose(link);
      bounds.push(delayBound(life));
      life.wake();
    }
    expect(bounds).toEqual([250, 500, 1000, 2000]);
  });
});

test('a given server is tried by turns with where the viewer was told to go', () => {
  const life = Life.moving({ server: 'ws://fixed' });
  life.hear(2, registered(10, { recovered: true }));
  life.lose(2);
  const urls: string[] = [];
  for (let link = 3; link <= 6; link += 1) {
    life.wake();
    urls.push(...life.of('connect').map(({ url }) => url));
    life.lose(link);
  }
  expect(urls).toEqual(['ws://b', 'ws://fixed', 'ws://b', 'ws://fixed']);
});

describe('silence', () => {
  test('of 40 s is the end of a connection', () => {
    const life = Life.joined();
    expect(life.pass(39_999)).toEqual([]);
    life.pass(1);
    expect(life.of('disconnect')).toEqual([{ do: 'disconnect', link: 1 }]);
    expect(life.state.shown.name).toBe('waiting');
    life.pass(125);
    life.arrive(2, 'ws://b');
    expect(life.sinceOn(2)).toEqual([{ epoch: 'e', seq: 10 }]);
  });

  test('is broken by anything that comes', () => {
    const life = Life.joined();
    for (let i = 0; i < 10; i += 1) {
      life.pass(39_999);
      life.hear(1, i % 2 === 0 ? { type: 'viewers', viewers: i } : { type: 'unknown' });
    }
    expect(life.everyOf('disconnect')).toEqual([]);
  });

  test('before registered ends it, too', () => {
    const life = new Life();
    life.happen({ type: 'start' });
    life.arrive(1, 'ws://a', { type: 'welcome', connected_at: '', server: '' });
    life.pass(40_000);
    expect(life.of('disconnect')).toEqual([{ do: 'disconnect', link: 1 }]);
  });
});

describe('close()', () => {
  test('ends every connection and timer and rejects what waits', () => {
    const life = Life.moving();
    life.send('a');
    life.send('b');
    life.happen({ type: 'close' });
    expect(life.of('disconnect').map(({ link }) => link)).toEqual([1, 2]);
    expect(life.of('reject').map(({ id, failure }) => [id, failure.code])).toEqual([
      ['a', 'closed'],
      ['b', 'closed'],
    ]);
    expect(life.state.shown).toEqual({ name: 'closed' });
    expect(wakeAt(life.state)).toBe(Infinity);
  });

  test('may come twice, and nothing comes after it', () => {
    const life = Life.joined();
    life.happen({ type: 'close' });
    expect(life.happen({ type: 'close' })).toEqual([]);
    expect(life.hear(1, chat(11))).toEqual([]);
    expect(life.lose(1)).toEqual([]);
    expect(life.pass(100_000)).toEqual([]);
    expect(life.send('late')).toMatchObject([
      { do: 'reject', id: 'late', failure: { code: 'closed' } },
    ]);
  });

  test('while it waits for the next attempt', () => {
    const life = Life.joined();
    life.lose(1);
    life.happen({ type: 'close' });
    expect(life.pass(60_000)).toEqual([]);
  });
});

test('what comes of a connection that was given up is nothing', () => {
  const life = Life.joined();
  life.lose(1);
  const { state } = life;
  expect(life.hear(1, chat(11))).toEqual([]);
  expect(life.lose(1, 4502)).toEqual([]);
  expect(life.happen({ type: 'opened', link: 1 })).toEqual([]);
  expect(life.state).toEqual(state);
});
