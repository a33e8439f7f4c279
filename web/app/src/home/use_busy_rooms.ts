import { useEffect, useState } from 'react';
import { site } from '../shared/here.ts';
import { busyRooms, type BusyRoom } from './busy_rooms.ts';

const roomsMax = 12;
const everyMs = 10_000;

/** The fullest rooms, looked up now and then; undefined until the balancer has said. */
export function useBusyRooms(): readonly BusyRoom[] | undefined {
  const [rooms, setRooms] = useState<readonly BusyRoom[]>();
  useEffect(() => {
    let source: EventSource | undefined;
    // Its first event is all that is wanted, so that nobody keeps a stream open for it.
    const look = (): void => {
      source?.close();
      const opened = new EventSource(`${site.api}/stats/stream?rooms=${roomsMax}`);
      opened.addEventListener('state', ({ data }) => {
        opened.close();
        setRooms(busyRooms(String(data)));
      });
      source = opened;
    };
    look();
    const timer = setInterval(look, everyMs);
    return () => {
      clearInterval(timer);
      source?.close();
    };
  }, []);
  return rooms;
}
