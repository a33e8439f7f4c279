import { expect, test } from 'vitest';
import { busyRooms } from './busy_rooms.ts';

test('rooms with viewers come, the fullest first', () => {
  const chatRooms = {
    small: { clients: [9, 1] },
    big: { clients: [0, 7] },
    left: { clients: [5, 0] },
  };
  expect(busyRooms(JSON.stringify({ chatRooms }))).toEqual([
    { name: 'big', viewers: 7 },
    { name: 'small', viewers: 1 },
  ]);
});

test.each([
  '{}',
  '[]',
  'null',
  '{"chatRooms":[]}',
  '{"chatRooms":{"a":null,"b":{"clients":["1"]}}}',
])('nothing is made of %s', (event) => {
  expect(busyRooms(event)).toEqual([]);
});
