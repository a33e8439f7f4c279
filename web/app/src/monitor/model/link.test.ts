import { expect, test } from 'vitest';
import { freshness } from './freshness.ts';
import { connect, retryDelayMs, silentAfterMs, step, type Link, type LinkEvent } from './link.ts';

function run(link: Link, ...events: LinkEvent[]): [Link, string[]] {
  const effects: string[] = [];
  let now = link;
  for (const event of events) {
    const [next, wanted] = step(now, event);
    now = next;
    effects.push(...wanted);
  }
  return [now, effects];
}

const heard = (nowMs: number): LinkEvent => ({ type: 'heard', nowMs });
const failed = (nowMs: number): LinkEvent => ({ type: 'failed', nowMs, random: 1 });
const tick = (nowMs: number): LinkEvent => ({ type: 'tick', nowMs, random: 1 });

test('a lost stream is opened again after a while, which grows until it answers', () => {
  const [waiting, effects] = run(connect(0), heard(1000), failed(2000));
  expect(waiting).toEqual({ at: 'waiting', attempt: 1, untilMs: 3000 });
  expect(effects).toEqual(['close']);
  const [again, opened] = run(waiting, tick(2999), tick(3000));
  expect([again.at, opened]).toEqual(['connecting', ['open']]);
  const [later] = run(again, failed(3100));
  expect(later).toEqual({ at: 'waiting', attempt: 2, untilMs: 5100 });
  const [open] = run(later, tick(5100), heard(6000));
  expect(open).toEqual({ at: 'open', lastEventMs: 6000 });
  expect(run(open, failed(7000))[0]).toMatchObject({ attempt: 1, untilMs: 8000 });
});

test('delays are bounded, and differ', () => {
  expect([0, 1, 2, 3, 4, 50].map((attempt) => retryDelayMs(attempt, 1))).toEqual([
    1000, 2000, 4000, 8000, 15_000, 15_000,
  ]);
  expect(retryDelayMs(4, 0)).toBe(7500);
});

test('a stream that is silent for long is given up, one that is slow to answer too', () => {
  const [open] = run(connect(0), heard(1000));
  expect(run(open, tick(1000 + silentAfterMs - 1))[0]).toBe(open);
  expect(run(open, tick(1000 + silentAfterMs))).toEqual([
    { at: 'waiting', attempt: 1, untilMs: 12_000 },
    ['close'],
  ]);
  expect(run(connect(0), tick(4999), tick(5000))[1]).toEqual(['close']);
});

test('what a closed stream still says changes nothing', () => {
  const [waiting] = run(connect(0), failed(0));
  expect(run(waiting, heard(100), failed(200))).toEqual([waiting, []]);
});

test('a person who asks for it waits for nothing', () => {
  const [waiting] = run(connect(0), failed(0));
  expect(run(waiting, { type: 'again', nowMs: 10 })).toEqual([connect(10), ['close', 'open']]);
});

test('data is live for three seconds after an event, then old, in words', () => {
  const open: Link = { at: 'open', lastEventMs: 1000 };
  expect(freshness(open, 1000, undefined, 4000).state).toBe('live');
  expect(freshness(open, 1000, undefined, 4001)).toEqual({
    state: 'stale',
    words: 'These numbers are 3 s old; waiting for it',
  });
  expect(freshness(open, 1000, 'degraded', 6000).words).toBe(
    'These numbers are 5 s old; the balancer has lost Redis; viewers stay connected; waiting for it',
  );
  const waiting: Link = { at: 'waiting', attempt: 3, untilMs: 7400 };
  expect(freshness(waiting, 5000, 'silent', 5200)).toEqual({
    state: 'stale',
    words: 'These numbers are 0 s old; the balancer does not answer; trying again in 3 s',
  });
  expect(freshness(waiting, 5000, undefined, 200_000).words).toContain('3 min old');
});

test('before the first event nothing is old, but it is said what is waited for', () => {
  expect(freshness(connect(0), undefined, undefined, 100)).toEqual({
    state: 'connecting',
    words: 'Connecting',
  });
  const waiting: Link = { at: 'waiting', attempt: 1, untilMs: 2000 };
  expect(freshness(waiting, undefined, 'silent', 1500).words).toBe(
    'The balancer does not answer; trying again in 1 s',
  );
});
