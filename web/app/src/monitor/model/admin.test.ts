import { expect, test } from 'vitest';
import { authorization, callOf, outcomeOf, question, type Action } from './admin.ts';

const start: Action = { do: 'start' };
const drain: Action = { do: 'drain', id: '6f1c', name: '127.0.0.1:8080', viewers: 1204 };

test('the calls are those of docs/http.md', () => {
  expect(callOf(start)).toEqual({ method: 'POST', path: '/servers/create' });
  expect(callOf(drain)).toEqual({ method: 'DELETE', path: '/servers/6f1c' });
});

test('a token of any characters is one that a header can hold', () => {
  expect(authorization('open-sesame')).toBe('Bearer open-sesame');
  expect(() => new Headers({ Authorization: 'Bearer ключ' })).toThrow(TypeError);
  const sent = new Headers({ Authorization: authorization('ключ') }).get('Authorization') ?? '';
  expect(Buffer.from(sent, 'latin1').toString('utf8')).toBe('Bearer ключ');
});

test('what came of it is said in the words of the balancer, or in ours', () => {
  expect(outcomeOf(start, 200, { id: 'x', url: 'ws://127.0.0.1:8081' }, false)).toEqual({
    type: 'done',
    words: '127.0.0.1:8081 was started.',
  });
  expect(outcomeOf(drain, 200, { message: 'killed server 6f1c' }, true)).toEqual({
    type: 'done',
    words: '127.0.0.1:8080 drains: its viewers move, then it ends.',
  });
  expect(
    outcomeOf(start, 503, { error: 'failed to start wss: there are already 4' }, true),
  ).toEqual({
    type: 'failed',
    words: 'Failed to start wss: there are already 4.',
  });
  expect(outcomeOf(drain, 502, undefined, false)).toEqual({
    type: 'failed',
    words: 'The balancer answered 502.',
  });
});

test('a token is asked for where one is wanted, and again where it was the wrong one', () => {
  expect(outcomeOf(start, 401, {}, false)).toEqual({ type: 'token', refused: false });
  expect(outcomeOf(start, 401, {}, true)).toEqual({ type: 'token', refused: true });
});

test('who drains a server is told what becomes of its viewers, and of new ones', () => {
  expect(question(drain, 2)).toBe(
    'Its 1,204 viewers move to other servers, and nobody new is sent there. Then it ends.',
  );
  expect(question({ ...drain, viewers: 1 }, 0)).toBe(
    'Its 1 viewer moves to other servers, and nobody new is sent there. Then it ends. No other server is up: new viewers get none until one has started.',
  );
  expect(question({ ...drain, viewers: 0 }, 1)).toBe('It has no viewers. Then it ends.');
});
