// What a page has around the SDK, in the hands of a test: sockets, a balancer, a clock.
import { afterEach, beforeEach, vi } from 'vitest';
import { SpillwayClient, type Room } from '../index.ts';
import type { Fetch, ResponseLike } from '../platform.ts';
import { FakeSocket } from './fake_socket.ts';

export function answer(status: number, body: unknown): ResponseLike {
  return { ok: status === 200, status, json: () => Promise.resolve(body) };
}

/** Names one server, unless a test has it say something else. */
export class FakeBalancer {
  readonly asked: { readonly url: string; readonly signal: AbortSignal }[] = [];
  says: () => Promise<ResponseLike> = this.#one;

  readonly fetch: Fetch = (url, { signal }) => {
    this.asked.push({ url, signal });
    return this.says();
  };

  /** As new. */
  mend(): void {
    this.asked.length = 0;
    this.says = this.#one;
  }

  get #one(): () => Promise<ResponseLike> {
    return () => Promise.resolve(answer(200, { id: 'x', url: 'ws://a:1' }));
  }
}

export const balancer: FakeBalancer = new FakeBalancer();
export const options = { WebSocket: FakeSocket, fetch: balancer.fetch };

/** For every test of a file: time stands still until it is told to go on. */
export function useFakePage(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    FakeSocket.all.length = 0;
    balancer.mend();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

/** A room on its way in, by a server that was given. */
export function entering(): Room {
  return new SpillwayClient({ server: 'ws://a:1', ...options }).join('lobby');
}

export function joined(): { readonly room: Room; readonly socket: FakeSocket } {
  const room = entering();
  FakeSocket.newest.letIn();
  return { room, socket: FakeSocket.newest };
}

/** What a listener hears, as a list that grows. */
export function heard<T>(listen: (listener: (value: T) => void) => void): T[] {
  const values: T[] = [];
  listen((value) => values.push(value));
  return values;
}

export function chat(seq: number, more: object = {}): object {
  return { type: 'chat', seq, ts: 7, message: `m${seq}`, ...more };
}

export function ack(id: string): object {
  return { type: 'ack', payload: { chatId: 'lobby', id, seq: 11 } };
}

/** The id of the line that was sent last. */
export function lastId(socket: FakeSocket): string {
  const said = JSON.parse(socket.sent.at(-1) ?? '') as { payload: { id: string } };
  return said.payload.id;
}
