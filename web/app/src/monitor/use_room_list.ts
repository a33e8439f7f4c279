import { useEffect, useRef, useState } from 'react';
import type { Fleet } from './model/fleet.ts';
import type { FleetView } from './model/view.ts';
import { listRooms, type RoomOrder } from './model/room_list.ts';

/** Rows do not change places more often than this, and not at all while somebody is at them. */
const sortEveryMs = 5000;

/**
 * The names of the rooms as they are to be listed: sorted at once when the wish changes, and every few
 * seconds otherwise. The fleet is changed in place; `view` is new when it was.
 */
export function useRoomList(
  fleet: Fleet | undefined,
  view: FleetView | undefined,
  order: RoomOrder,
  search: string,
  held: boolean,
): readonly string[] {
  const [names, setNames] = useState<readonly string[]>([]);
  const sorted = useRef({ atMs: -Infinity, wish: '' });
  useEffect(() => {
    if (fleet === undefined || view === undefined) return;
    const wish = JSON.stringify([order, search]);
    const isDue = !held && performance.now() - sorted.current.atMs >= sortEveryMs - 100;
    if (sorted.current.wish === wish && !isDue) return;
    sorted.current = { atMs: performance.now(), wish };
    setNames(listRooms(fleet, order, search));
  }, [fleet, view, order, search, held]);
  return names;
}
