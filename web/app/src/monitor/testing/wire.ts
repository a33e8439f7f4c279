// For tests: events as the balancer sends them.

type Numbers = readonly number[];

export function padded(...last: Numbers): number[] {
  return [...Array.from({ length: 100 - last.length }, () => 0), ...last];
}

export const startMs = 1_795_000_000_000;

/** The times of the last `count` seconds, the newest `startMs`. */
export function times(count: number): number[] {
  return padded(...Array.from({ length: count }, (_, at) => startMs - (count - 1 - at) * 1000));
}

const uuidOf = (id: string): string => `${id.repeat(8).slice(0, 8)}-0000-4000-8000-000000000000`;

export function serverOf(
  id: string,
  state: Readonly<Record<string, unknown>> = {},
  url = `ws://127.0.0.1:808${id}`,
): object {
  return {
    server: { id: uuidOf(id), url },
    state: {
      clients: padded(),
      socketWrites: padded(),
      timeouts: padded(),
      fanouts: padded(),
      chatRooms: {},
      memory: { rss: 50_000_000, heapTotal: 1, heapUsed: 1, external: 0, arrayBuffers: 0 },
      busy: padded(),
      flushes: padded(),
      status: 'up',
      ...state,
    },
  };
}

export const idOf = uuidOf;

export function roomOf(viewers: Numbers, messages: Numbers = [], deliveries: Numbers = []): object {
  return {
    clients: padded(...viewers),
    cumulativeMessages: padded(...messages),
    cumulativeSocketWrites: padded(...deliveries),
  };
}

export const settings = {
  serversMin: 1,
  serversMax: 4,
  spawnWrites: 1000,
  spawnBusy: 0.7,
  roomBelow: 0.8,
  spawnAbove: 1,
  redistributeAbove: 1.15,
  redistributeLagMs: 15,
  shrinkBelow: 0.5,
};

export function stateOf(parts: {
  readonly servers?: readonly object[];
  readonly rooms?: Readonly<Record<string, object>>;
  readonly decisions?: readonly object[];
  readonly balancer?: Readonly<Record<string, unknown>>;
}): object {
  return {
    socketServers: parts.servers ?? [],
    chatRooms: parts.rooms ?? {},
    blackList: {},
    decisions: parts.decisions ?? [],
    balancer: {
      at: times(10),
      rooms: padded(),
      messagesPerS: padded(),
      provisions: padded(),
      deciding: true,
      settings,
      ...parts.balancer,
    },
  };
}

export function changeOf(
  second: number,
  parts: {
    readonly servers?: readonly object[];
    readonly rooms?: Readonly<Record<string, object>>;
    readonly gone?: {
      readonly socketServers?: readonly string[];
      readonly chatRooms?: readonly string[];
    };
    readonly decisions?: readonly object[];
    readonly balancer?: object;
  } = {},
): object {
  return {
    at: startMs + second * 1000,
    socketServers: parts.servers ?? [],
    chatRooms: parts.rooms ?? {},
    gone: { socketServers: [], chatRooms: [], ...parts.gone },
    decisions: parts.decisions ?? [],
    balancer: parts.balancer ?? {},
  };
}
