import { useEffect, useState } from 'react';
import { site } from '../shared/here.ts';
import { busyRooms, type BusyRoom } from './busy_rooms.ts';

const roomsMax = 12;
const everyMs = 10_000;

export interface BusyRooms {
  /** undefined until the balancer has said. */
  readonly rooms: readonly BusyRoom[] | undefined;
  /** It did not say at last: it is gone, has too many listeners, or does not tell everybody. */
  readonly hasFailed: boolean;
}

/** The fullest rooms, looked up now and then. */
export function useBusyRooms(): BusyRooms {
  const [known, setKnown] = useState<BusyRooms>({ rooms: undefined, hasFailed: false });
  useEffect(() => {
    let source: EventSource | undefined;
    // Its first event is all that is wanted, so that nobody keeps a stream open for it.
    const look = (): void => {
      source?.close();
      const opened = new EventSource(`${site.api}/stats/stream?rooms=${roomsMax}`);
      opened.addEventListener('state', ({ data }) => {
        opened.close();
        setKnown({ rooms: busyRooms(String(data)), hasFailed: false });
      });
      opened.addEventListener('error', () => {
        opened.close();
        setKnown(({ rooms }) => ({ rooms, hasFailed: true }));
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
  return known;
}
