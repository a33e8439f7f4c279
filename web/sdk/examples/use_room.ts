// A room for React 18 and later: `const { messages, state, viewers, send } = useRoom(client, 'lobby')`.
// `client` is made once, outside of components.
import { useMemo, useSyncExternalStore } from 'react';
import type { Message, Room, RoomState, SpillwayClient } from '@spillway/client';

interface Seen {
  readonly messages: readonly Message[];
  readonly state: RoomState;
  readonly viewers: number;
}

function roomStore(client: SpillwayClient, name: string, messagesMax: number) {
  const nothing: Seen = { messages: [], state: { name: 'connecting' }, viewers: 0 };
  let seen = nothing;
  let room: Room | undefined;
  const subscribe = (changed: () => void) => {
    const change = (part: Partial<Seen>): void => {
      seen = { ...seen, ...part };
      changed();
    };
    const entered = client.join(name, { history: 50 });
    entered.on('message', (message) =>
      change({ messages: [...seen.messages, message].slice(-messagesMax) }),
    );
    entered.on('state', (state) => change({ state }));
    entered.on('viewers', (viewers) => change({ viewers }));
    room = entered;
    return () => {
      entered.close();
      seen = nothing; // the history comes again with the next one
    };
  };
  return { subscribe, seen: () => seen, send: (text: string) => room?.send(text) };
}

export function useRoom(client: SpillwayClient, name: string, messagesMax = 200) {
  const store = useMemo(() => roomStore(client, name, messagesMax), [client, name, messagesMax]);
  return { ...useSyncExternalStore(store.subscribe, store.seen, store.seen), send: store.send };
}
