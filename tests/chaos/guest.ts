// A viewer of a round, whichever way it is one: by the protocol itself (`fan.ts`), or by the SDK
// (`sdk_fan.ts`).
import type { Position } from '../integration/harness/messages.ts';
import type { Said, Viewing } from './history.ts';
import type { Random } from './random.ts';

export interface GuestOptions {
  readonly name: string;
  readonly room: string;
  readonly batch: boolean;
  readonly random: Random;
  /** Whom to ask where to go: a server's URL, or nothing right now. */
  readonly pick: (room: string) => Promise<string | undefined>;
  /** The address at which a server's URL is reached. */
  readonly route: (url: string) => string;
}

export interface Guest {
  readonly name: string;
  /** Where it is, or wants to be. */
  readonly room: string;
  readonly position: Position | undefined;
  /** It is in its room, on one server, and that one is not sending it away. */
  readonly isSettled: boolean;
  /** How long it will wait by itself before it tries to come back. */
  readonly waitsMs: number;
  readonly lines: readonly Said[];
  /** Of its lines, those that are not acknowledged. */
  readonly unanswered: number;
  readonly connections: number;
  /** Messages that it was told, over all connections. */
  readonly seen: number;

  start(): void;
  stop(): Promise<void>;
  until(condition: () => boolean, limitMs: number): Promise<void>;
  /** Until it is acknowledged, again and again as the protocol allows. */
  say(id: string, text: string): void;
  /** To another room; one that cannot stays. */
  move(room: string): void;
  /** The cable is pulled. */
  hop(): void;
  /** Does not read for a while. */
  sleep(forMs: number): Promise<void>;
  /** One for each room where it was. */
  viewings(): Viewing[];
  describe(): string;
}

export type Line = { -readonly [Key in keyof Said]: Said[Key] } & {
  readonly tries: Said['tries'][number][];
};

/** The servers' promise for an answer to a line. */
export const answerLimitMs = 15_000;
