import { isFields } from '../shared/wire.ts';

/** A room and how many are in it. */
export interface BusyRoom {
  readonly name: string;
  readonly viewers: number;
}

/** The rooms of a `state` event of /stats/stream, those with most viewers first; empty ones not. */
export function busyRooms(event: string): readonly BusyRoom[] {
  const state: unknown = JSON.parse(event);
  if (!isFields(state) || !isFields(state['chatRooms'])) return [];
  const rooms = Object.entries(state['chatRooms']).flatMap(([name, room]) => {
    const clients = isFields(room) && Array.isArray(room['clients']) ? room['clients'] : [];
    const viewers: unknown = clients.at(-1);
    return typeof viewers === 'number' && viewers > 0 ? [{ name, viewers }] : [];
  });
  return rooms.toSorted((a, b) => b.viewers - a.viewers);
}
