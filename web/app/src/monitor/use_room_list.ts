import { useEffect, useRef, useState } from 'react';
import type { Fleet } from './model/fleet.ts';
import type { FleetView } from './model/view.ts';
import { listRooms, type RoomOrder } from './model/room_list.ts';

/** Rows do not change places more often than this, and not at all while somebody is at them. */
const sortEveryMs = 5000;

/**
 * The names of the rooms as they are to be listed: sorted at once when the wish changes or a stream
 * begins anew, as for all rooms instead of the fullest, and every few seconds otherwise. Within a
 * stream the fleet is changed in place; `view` is new when it was.
 */
export function useRoomList(
  fleet: Fleet | undefined,
  view: FleetView | undefined,
  order: RoomOrder,
  search: string,
  held: boolean,
): readonly string[] {
  const [names, setNames] = useState<readonly string[]>([]);
  const sorted = useRef({ atMs: -Infinity, wish: '', fleet });
  useEffect(() => {
    if (fleet === undefined || view === undefined) return;
    const wish = JSON.stringify([order, search]);
    const isDue = !held && performance.now() - sorted.current.atMs >= sortEveryMs - 100;
    const isSame = sorted.current.wish === wish && sorted.current.fleet === fleet;
    if (isSame && !isDue) return;
    sorted.current = { atMs: performance.now(), wish, fleet };
    setNames(listRooms(fleet, order, search));
  }, [fleet, view, order, search, held]);
  return names;
}
