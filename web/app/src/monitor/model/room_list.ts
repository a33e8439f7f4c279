import type { Fleet } from './fleet.ts';
import type { Room } from './room.ts';

export type RoomColumn = 'name' | 'viewers' | 'messages' | 'deliveries';

export interface RoomOrder {
  readonly column: RoomColumn;
  readonly descending: boolean;
}

export const firstOrder: RoomOrder = { column: 'viewers', descending: true };

/** What a click on a column's head does: that column, numbers from the largest; again, turned. */
export function orderBy(order: RoomOrder, column: RoomColumn): RoomOrder {
  if (order.column === column) return { column, descending: !order.descending };
  return { column, descending: column !== 'name' };
}

/** The names of the rooms that have `search` in theirs, sorted. */
export function listRooms(fleet: Fleet, order: RoomOrder, search: string): readonly string[] {
  const wanted = search.trim().toLowerCase();
  const rooms = [...fleet.rooms.values()].filter(
    ({ name }) => wanted === '' || name.toLowerCase().includes(wanted),
  );
  const times = fleet.times.values;
  const keys: Readonly<Record<Exclude<RoomColumn, 'name'>, (room: Room) => number>> = {
    viewers: ({ viewers }) => viewers,
    messages: (room) => room.messagesPerS(times) ?? 0,
    deliveries: (room) => room.deliveriesPerS(times) ?? 0,
  };
  const sign = order.descending ? -1 : 1;
  if (order.column === 'name') {
    return rooms.map(({ name }) => name).toSorted((a, b) => sign * compareNames(a, b));
  }
  const key = keys[order.column];
  return rooms
    .map((room) => ({ name: room.name, key: key(room) }))
    .toSorted((a, b) => sign * (a.key - b.key) || compareNames(a.name, b.name))
    .map(({ name }) => name);
}

const names = new Intl.Collator('en', { numeric: true });

function compareNames(a: string, b: string): number {
  return names.compare(a, b);
}

/** On how many servers the room has viewers. */
export function serversOf(fleet: Fleet, name: string): number {
  let count = 0;
  for (const server of fleet.servers.values()) if (server.rooms.has(name)) count += 1;
  return count;
}
