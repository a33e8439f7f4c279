// A viewer's time on one server: one connection, in one room or, for who wanders, several.
import { setTimeout as delay } from 'node:timers/promises';
import type { Position, Redistribute, ServerMessage } from '../integration/harness/messages.ts';
import type { Viewer } from '../integration/harness/viewer.ts';
import type { Visit } from './history.ts';
import { Segments, type RoomOf } from './segments.ts';

/** The server said where to go, or the connection is no more. */
export type End = Redistribute['payload'] | 'closed';

/** Of the close codes, those that tell a client to come back; 1005, 1006: nobody told anything. */
export const isRetryable = (code: number): boolean =>
  (code >= 4000 && code < 4500) || [1001, 1005, 1006, 1011, 1012, 1013].includes(code);

const closeLimitMs = 500;
const listenLimitMs = 600_000;

export interface Listener {
  readonly roomOf: RoomOf;
  readonly heard: (message: ServerMessage) => void;
  readonly changed: () => void;
}

export class Stay {
  readonly viewer: Viewer;
  readonly server: string;
  /** Among its viewer's stays. */
  readonly index: number;
  readonly troubles: string[] = [];
  readonly #segments = new Segments();
  end: End | undefined;
  /** Resolves when the last message was heard. */
  gone: Promise<void> = Promise.resolve();
  #left = false;

  constructor(viewer: Viewer, server: string, index: number) {
    this.viewer = viewer;
    this.server = server;
    this.index = index;
  }

  /** Where it is; undefined before the first answer. */
  get room(): string | undefined {
    return this.#segments.room;
  }

  get epoch(): string | undefined {
    return this.#segments.epoch;
  }

  /** It is where it last asked to be. */
  get isIn(): boolean {
    return this.#segments.isIn;
  }

  register(room: string, since: Position | undefined, history: number): void {
    if (this.viewer.closed !== undefined) return;
    this.#segments.ask(room, since);
    this.viewer.register(room, { ...(since === undefined ? {} : { since }), history });
  }

  /** Each message once, in order, until the connection has ended. */
  hear(listener: Listener): void {
    this.gone = this.#listen(listener);
  }

  /** Closes, and does not wait long for a server that may be frozen. */
  leave(): void {
    if (this.#left || this.viewer.closed !== undefined) return;
    this.#left = true;
    void this.viewer.close().catch(() => {});
    void delay(closeLimitMs).then(() => this.viewer.terminate());
  }

  visits(viewer: string): Visit[] {
    const { server, index: connection } = this;
    return this.#segments.visits({
      viewer,
      server,
      connection,
      violations: this.viewer.violations,
    });
  }

  async #listen(listener: Listener): Promise<void> {
    const { viewer } = this;
    for (let taken = 0; viewer.closed === undefined || taken < viewer.told.length;) {
      const message = viewer.told[taken];
      if (message === undefined) {
        await viewer.until(() => taken < viewer.told.length, listenLimitMs).catch(() => {});
        continue;
      }
      taken += 1;
      this.#note(message, listener);
      listener.heard(message);
      listener.changed();
    }
    this.end = 'closed';
    const code = viewer.closed?.code ?? 0;
    if (!this.#left && !isRetryable(code)) {
      this.troubles.push(`closed with ${code} by ${this.server}: ${viewer.closed?.reason}`);
    }
    listener.changed();
  }

  #note(message: ServerMessage, { roomOf }: Listener): void {
    if (message.type === 'redistribute') this.end ??= message.payload;
    this.#segments.hear(message, roomOf);
  }
}
