// A viewer's time on one server: one connection, in one room.
import { setTimeout as delay } from 'node:timers/promises';
import type { Position, Redistribute, ServerMessage } from '../integration/harness/messages.ts';
import type { Viewer } from '../integration/harness/viewer.ts';
import type { Visit } from './history.ts';

/** The server said where to go, or the connection is no more. */
export type End = Redistribute['payload'] | 'closed';

/** Of the close codes, those that tell a client to come back; 1005, 1006: nobody told anything. */
const retryable = (code: number): boolean =>
  (code >= 4000 && code < 4500) || [1001, 1005, 1006, 1011, 1012, 1013].includes(code);

const closeLimitMs = 500;
const listenLimitMs = 600_000;

export class Stay {
  readonly viewer: Viewer;
  readonly server: string;
  readonly room: string;
  readonly since: Position | undefined;
  /** Among its viewer's stays. */
  readonly index: number;
  readonly troubles: string[] = [];
  epoch: string | undefined;
  end: End | undefined;
  /** Resolves when the last message was heard. */
  gone: Promise<void> = Promise.resolve();
  #left = false;

  constructor(
    viewer: Viewer,
    server: string,
    room: string,
    since: Position | undefined,
    index: number,
  ) {
    this.viewer = viewer;
    this.server = server;
    this.room = room;
    this.since = since;
    this.index = index;
  }

  register(history: number): void {
    if (this.viewer.closed !== undefined) return;
    const since = this.since === undefined ? {} : { since: this.since };
    this.viewer.register(this.room, { ...since, history });
  }

  /** Each message once, in order, until the connection has ended. */
  hear(heard: (message: ServerMessage) => void, changed: () => void): void {
    this.gone = this.#listen(heard, changed);
  }

  /** Closes, and does not wait long for a server that may be frozen. */
  leave(): void {
    if (this.#left || this.viewer.closed !== undefined) return;
    this.#left = true;
    void this.viewer.close().catch(() => {});
    void delay(closeLimitMs).then(() => this.viewer.terminate());
  }

  visit(viewer: string): Visit {
    return {
      viewer,
      room: this.room,
      server: this.server,
      since: this.since,
      told: this.viewer.told,
      violations: this.viewer.violations,
    };
  }

  async #listen(heard: (message: ServerMessage) => void, changed: () => void): Promise<void> {
    const { viewer } = this;
    for (let taken = 0; viewer.closed === undefined || taken < viewer.told.length;) {
      const message = viewer.told[taken];
      if (message === undefined) {
        await viewer.until(() => taken < viewer.told.length, listenLimitMs).catch(() => {});
        continue;
      }
      taken += 1;
      if (message.type === 'registered') this.epoch = message.payload.epoch;
      if (message.type === 'redistribute') this.end ??= message.payload;
      heard(message);
      changed();
    }
    this.end = 'closed';
    const code = viewer.closed?.code ?? 0;
    if (!this.#left && !retryable(code)) {
      this.troubles.push(`closed with ${code} by ${this.server}: ${viewer.closed?.reason}`);
    }
    changed();
  }
}
