import { useSyncExternalStore } from 'react';
import { site } from '../shared/here.ts';
import { roomOfPath } from '../shared/room_name.ts';

function subscribe(listener: () => void): () => void {
  globalThis.addEventListener('popstate', listener);
  return () => globalThis.removeEventListener('popstate', listener);
}

/** The room that the address names; undefined: it names none. */
export function useRoomOfAddress(): string | undefined {
  return useSyncExternalStore(subscribe, () => roomOfPath(location.pathname));
}

/** Without loading the page again; the way back leads to the room before. */
export function goToRoom(room: string): void {
  history.pushState(undefined, '', site.chat(room) + location.search);
  globalThis.dispatchEvent(new PopStateEvent('popstate'));
}
