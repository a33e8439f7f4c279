import type { Fetch, Platform, WebSocketConstructor } from './platform.ts';
import { Room, type JoinOptions } from './room.ts';

export interface ClientOptions {
  /**
   * The balancer, http://… or https://…; it is asked for a server before each connection. In a page
   * that the balancer serves `''` will do.
   */
  readonly balancer?: string;
  /** One server instead, ws://… or wss://…. */
  readonly server?: string;
  /** Default: the global one. Node has one since 22; before, pass that of `ws`. */
  readonly WebSocket?: WebSocketConstructor;
  /** Default: the global one. */
  readonly fetch?: Fetch;
  /** Whether to offer `spillway.batch.v1`, which is cheaper for both sides. Default true. */
  readonly batch?: boolean;
}

interface Globals {
  readonly WebSocket?: WebSocketConstructor;
  readonly fetch?: Fetch;
}

/** Where the rooms are. Holds no connection itself: each room has its own. */
export class SpillwayClient {
  readonly #platform: Platform;
  readonly #server: string;
  readonly #rooms = new Set<Room>();

  /** Throws a TypeError where something is missing. */
  constructor(options: ClientOptions) {
    const { balancer, server = '', batch = true } = options;
    const globals: Globals = globalThis;
    const { WebSocket = globals.WebSocket, fetch = globals.fetch } = options;
    if ((balancer === undefined) === (server === '')) {
      throw new TypeError('SpillwayClient needs either `balancer` or `server`');
    }
    if (WebSocket === undefined || fetch === undefined) {
      throw new TypeError('there is no global WebSocket or fetch: pass it as an option');
    }
    this.#server = server;
    this.#platform = {
      WebSocket,
      fetch,
      balancer: (balancer ?? '').replace(/\/+$/, ''),
      protocols: batch ? ['spillway.batch.v1'] : [],
    };
  }

  /** Enters a room, and comes back to it until it is closed. Nothing is told before this returns. */
  join(name: string, options: JoinOptions = {}): Room {
    const room = new Room(name, options, this.#platform, this.#server);
    this.#rooms.add(room);
    room.on('state', (state) => {
      if (state.name === 'closed') this.#rooms.delete(room);
    });
    return room;
  }

  /** Closes every room. */
  close(): void {
    for (const room of this.#rooms) room.close();
  }
}
