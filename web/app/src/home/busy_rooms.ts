/** A room and how many are in it. */
export interface BusyRoom {
  readonly name: string;
  readonly viewers: number;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The rooms of a `state` event of /stats/stream, those with most viewers first; empty ones not. */
export function busyRooms(event: string): readonly BusyRoom[] {
  const state: unknown = JSON.parse(event);
  if (!isRecord(state) || !isRecord(state['chatRooms'])) return [];
  const rooms = Object.entries(state['chatRooms']).flatMap(([name, room]) => {
    const clients = isRecord(room) && Array.isArray(room['clients']) ? room['clients'] : [];
    const viewers: unknown = clients.at(-1);
    return typeof viewers === 'number' && viewers > 0 ? [{ name, viewers }] : [];
  });
  return rooms.toSorted((a, b) => b.viewers - a.viewers);
}
