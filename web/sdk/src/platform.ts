// What is needed of a browser, of Node, or of a test: no more of their types than that.

export interface SocketEvent {
  readonly type?: string;
  /** Of a message. */
  readonly data?: unknown;
  /** Of a close. */
  readonly code?: number;
  readonly reason?: string;
}

/** Of the standard WebSocket what is used, so that `ws` for Node fits as well. */
export interface WebSocketLike {
  send(text: string): void;
  close(code?: number): void;
  addEventListener(
    type: 'open' | 'message' | 'close' | 'error',
    listener: (event: SocketEvent) => void,
  ): void;
}

export type WebSocketConstructor = new (url: string, protocols?: string[]) => WebSocketLike;

export interface ResponseLike {
  readonly ok: boolean;
  readonly status: number;
  json(): Promise<unknown>;
}

export type Fetch = (url: string, init: { signal: AbortSignal }) => Promise<ResponseLike>;

/** Where a room comes by its connections. */
export interface Platform {
  readonly WebSocket: WebSocketConstructor;
  readonly fetch: Fetch;
  /** Without a slash at its end. */
  readonly balancer: string;
  readonly protocols: string[];
}
