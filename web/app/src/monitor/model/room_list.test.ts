import { expect, test } from 'vitest';
import { roomOf, serverOf, stateOf } from '../testing/wire.ts';
import { Fleet } from './fleet.ts';
import { firstOrder, listRooms, orderBy, serversOf } from './room_list.ts';

const fleet = new Fleet(
  stateOf({
    servers: [
      serverOf('1', { chatRooms: { 'room-10': 1, 'room-9': 4 } }),
      serverOf('2', { chatRooms: { 'room-9': 1 } }),
    ],
    rooms: {
      'room-10': roomOf([1, 1], [0, 90], [0, 90]),
      'room-9': roomOf([5, 5], [0, 1], [0, 500]),
      Lobby: roomOf([5, 5], [0, 4], [0, 20]),
    },
  }),
);

test('rooms are sorted by any column, equal ones by name, numbers in names as numbers', () => {
  expect(listRooms(fleet, firstOrder, '')).toEqual(['Lobby', 'room-9', 'room-10']);
  expect(listRooms(fleet, { column: 'messages', descending: true }, '')[0]).toBe('room-10');
  expect(listRooms(fleet, { column: 'deliveries', descending: true }, '')[0]).toBe('room-9');
  expect(listRooms(fleet, { column: 'viewers', descending: false }, '')[0]).toBe('room-10');
  expect(listRooms(fleet, { column: 'name', descending: false }, '')).toEqual([
    'Lobby',
    'room-9',
    'room-10',
  ]);
});

test('a search is for a part of the name, in any case', () => {
  expect(listRooms(fleet, firstOrder, ' OOM-1 ')).toEqual(['room-10']);
  expect(listRooms(fleet, firstOrder, 'none')).toEqual([]);
});

test('a column is chosen with its largest first, and turned by choosing it again', () => {
  const messages = orderBy(firstOrder, 'messages');
  expect(messages).toEqual({ column: 'messages', descending: true });
  expect(orderBy(messages, 'messages').descending).toBe(false);
  expect(orderBy(messages, 'name').descending).toBe(false);
});

test('a room says on how many servers it is', () => {
  expect([serversOf(fleet, 'room-9'), serversOf(fleet, 'Lobby')]).toEqual([2, 0]);
});

test('ten thousand rooms are listed in little time', () => {
  const rooms = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, i) => [`chat-room-${i}`, roomOf([i % 97], [1, i % 7])]),
  );
  const large = new Fleet(stateOf({ rooms }));
  expect(listRooms(large, { column: 'messages', descending: true }, 'room')).toHaveLength(10_000);
});
