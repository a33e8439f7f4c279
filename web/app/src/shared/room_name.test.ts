import { expect, test } from 'vitest';
import { isRoomName, roomOfPath } from './room_name.ts';

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

test('half a character is no room, in a name and in an address', () => {
  expect(isRoomName('\ud800')).toBe(false);
  expect(roomOfPath('/chat/%')).toBeUndefined();
  expect(roomOfPath('/chat/%ff')).toBeUndefined();
});
