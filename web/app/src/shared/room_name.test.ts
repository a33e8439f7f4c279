import { expect, test } from 'vitest';
import { addressProblem, hasAddress, isRoomName, roomOfPath } from './room_name.ts';

test.each(['lobby', 'a b', 'ü', '日本語', 'a/b', '..', '%', 'x'.repeat(128), 'é'.repeat(64)])(
  '%j is a room',
  (name) => {
    expect(isRoomName(name)).toBe(true);
    expect(roomOfPath(`/live/chat/${encodeURIComponent(name)}`)).toBe(name);
  },
);

test.each([
  '',
  'a{b',
  'a}b',
  'a\nb',
  '\u0000',
  '\u007f',
  '\u0085',
  'x'.repeat(129),
  'é'.repeat(65),
])('%j is none', (name) => {
  expect(isRoomName(name)).toBe(false);
  expect(roomOfPath(`/chat/${encodeURIComponent(name)}`)).toBeUndefined();
});

test.each(['.', '..'])('%j is a room to which no address leads', (name) => {
  expect(isRoomName(name)).toBe(true);
  expect(hasAddress(name)).toBe(false);
  expect(addressProblem(name)).toContain('no address');
  const there = new URL(`/chat/${encodeURIComponent(name)}`, 'http://a.example');
  expect(there.pathname).not.toBe(`/chat/${name}`);
});

test.each(['', '...', '.a', 'a/..'])('to %j leads one', (name) => {
  expect(addressProblem(name)).toBe('');
});

test('half a character is no room, in a name and in an address', () => {
  expect(isRoomName('\ud800')).toBe(false);
  expect(roomOfPath('/chat/%')).toBeUndefined();
  expect(roomOfPath('/chat/%ff')).toBeUndefined();
});
