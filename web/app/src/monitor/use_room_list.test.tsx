// @vitest-environment jsdom
import { renderHook } from '@testing-library/react';
import { expect, test } from 'vitest';
import { Fleet } from './model/fleet.ts';
import { firstOrder } from './model/room_list.ts';
import { viewOf } from './model/view.ts';
import { changeOf, roomOf, stateOf } from './testing/wire.ts';
import { useRoomList } from './use_room_list.ts';

function fleetOf(rooms: Readonly<Record<string, number>>): Fleet {
  const entries = Object.entries(rooms).map(
    ([name, viewers]) => [name, roomOf([viewers])] as const,
  );
  return new Fleet(stateOf({ rooms: Object.fromEntries(entries) }));
}

test('a new stream is listed at once, even while the order of the one before is held', () => {
  const few = fleetOf({ a: 1, b: 2 });
  const { result, rerender } = renderHook(
    ({ fleet }) => useRoomList(fleet, viewOf(fleet), firstOrder, '', true),
    { initialProps: { fleet: few } },
  );
  expect(result.current).toEqual(['b', 'a']);
  few.change(changeOf(1, { rooms: { a: { clients: 9 } } }));
  rerender({ fleet: few });
  expect(result.current).toEqual(['b', 'a']);
  rerender({ fleet: fleetOf({ a: 1, b: 2, c: 3 }) });
  expect(result.current).toEqual(['c', 'b', 'a']);
});
