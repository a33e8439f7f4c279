import { expect, test } from 'vitest';
import { firstQuestion, fromHash, problemsFrom, problemsOf, toQuery } from './question.ts';

test('a question survives its address', () => {
  const query = toQuery(firstQuestion);
  expect(query).toBe('users=10000&rooms=100&interval=1m&distribution=zipf:1.1');
  expect(fromHash(`#${query}`)).toEqual(firstQuestion);
  expect(fromHash(`#${toQuery({ ...firstQuestion, size: ' 2KiB ' })}`)?.size).toBe('2KiB');
  expect(fromHash('#users=5')).toMatchObject({ users: '5', rooms: '', distribution: 'uniform' });
  expect(fromHash('')).toBe(undefined);
  expect(fromHash('#main')).toBe(undefined);
});

test('each field that is wrong has its own sentence', () => {
  expect(problemsOf(firstQuestion)).toEqual({});
  const odd = { ...firstQuestion, users: '', rooms: '1.5', interval: '30', distribution: 'zipf:' };
  expect(problemsOf(odd)).toEqual({
    users: 'Say how many users there are.',
    rooms: 'Give a whole number from 1 to 1,000,000.',
    interval: 'Give a time with its unit, as 500ms, 30s, 10m or 2h.',
    distribution: 'Give how steep it is as a number from 0 to 10.',
  });
  expect(problemsOf({ ...firstQuestion, interval: '' }).interval).toContain('as 30s');
  expect(problemsOf({ ...firstQuestion, users: '100000001' }).users).toContain('100,000,000');
});

test('what the balancer says stands at the field that it is about', () => {
  expect(problemsFrom("interval: '0s' is out of bounds; give 1ms to 30d")).toEqual({
    interval: "'0s' is out of bounds; give 1ms to 30d.",
  });
  expect(problemsFrom('flush-interval-max: no')).toEqual({ 'flush-interval-max': 'No.' });
  expect(problemsFrom('there is nothing at this path')).toBe(undefined);
});
