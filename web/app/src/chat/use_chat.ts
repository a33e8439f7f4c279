import { idMaker, SpillwayClient } from '@spillway/client';
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { site } from '../shared/here.ts';
import { ChatStore, joinOptions, type ChatView } from './chat_store.ts';

const client = new SpillwayClient({ balancer: site.api });
const newId = idMaker();

function storeOf(room: string): ChatStore {
  return new ChatStore({
    join: () => client.join(room, joinOptions),
    onFrame: (run, afterMs) => {
      if (afterMs > 0) setTimeout(() => requestAnimationFrame(run), afterMs);
      else requestAnimationFrame(run);
    },
    now: () => performance.now(),
    newId,
  });
}

/** In the room for as long as the component is there. */
export function useChat(room: string): { store: ChatStore; view: ChatView } {
  const store = useMemo(() => storeOf(room), [room]);
  useEffect(() => store.start(), [store]);
  return { store, view: useSyncExternalStore(store.subscribe, store.view) };
}
