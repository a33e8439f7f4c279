// What happened in a round, as far as it can be judged: what every viewer was told and sent, what
// became of the epochs, when Redis lost data. Plain values: `judge.ts` reads them, tests write them.
import type { Position, ServerMessage } from '../integration/harness/messages.ts';

/** A viewer's time in one room on one connection: from a `register` to its next, or to the end. */
export interface Visit {
  readonly viewer: string;
  readonly room: string;
  readonly server: string;
  /** Which one of the viewer's. */
  readonly connection: number;
  /** What it asked to go on from. */
  readonly since: Position | undefined;
  /** In the order it came; answers to lines of this room belong here although they came later. */
  readonly told: readonly ServerMessage[];
  /** What the connection's own journal found wrong. */
  readonly violations: readonly string[];
}

export interface Try {
  readonly connection: number;
  /** Of Date.now(). */
  readonly at: number;
}

/** A line that a viewer said, with its id. */
export interface Said {
  readonly viewer: string;
  readonly room: string;
  readonly id: string;
  readonly text: string;
  readonly tries: readonly Try[];
  /** What became of the SDK's promise; of a viewer without an SDK there is none. */
  readonly outcome?: SendOutcome | undefined;
}

export type SendOutcome = { readonly resolved: number } | { readonly rejected: string };

/** What the SDK told its page. */
export type Reported =
  | {
      readonly type: 'message';
      readonly epoch: string;
      readonly seq: number;
      readonly id: string | undefined;
      readonly ts: number;
      readonly text: string;
      readonly data: unknown;
    }
  /** `epoch`: where the viewer was then; undefined bounds: nobody knows how many. */
  | {
      readonly type: 'gap';
      readonly epoch: string;
      readonly from: number | undefined;
      readonly to: number | undefined;
    };

/** A viewer and one of the rooms where it was. */
export interface Viewing {
  readonly name: string;
  readonly room: string;
  readonly visits: readonly Visit[];
  readonly said: readonly Said[];
  /** Where it was when all had converged, or when it left. */
  readonly position: Position | undefined;
  readonly left: boolean;
  /** What it saw a server do that none may, outside of any one connection's order. */
  readonly troubles: readonly string[];
  /** Of a viewer by the SDK: `visits` is what its connections were told, this what came of it. */
  readonly report?: readonly Reported[];
}

/** A state of a room's meta in Redis. */
export interface EpochFact {
  readonly room: string;
  readonly epoch: string;
  /** Positions of this one, up to prevSeq, live on in `epoch`. '': of none. */
  readonly prevEpoch: string;
  readonly prevSeq: number;
}

/** Redis went back in time: in one room, or (undefined) in all. */
export interface Loss {
  readonly room: string | undefined;
  /** Of Date.now(), when it was over. */
  readonly at: number;
}

export interface RoomEnd {
  readonly room: string;
  /** Of its meta when all had converged. */
  readonly epoch: string;
  readonly seq: number;
  /** The messages that its log holds then. */
  readonly log: readonly Logged[];
}

export interface Logged {
  readonly seq: number;
  /** A message without `type` and `seq`. */
  readonly line: string;
}

export interface History {
  readonly viewings: readonly Viewing[];
  readonly epochs: readonly EpochFact[];
  readonly losses: readonly Loss[];
  /** Of Redis processes: each is a reason for a new epoch in every room. */
  readonly redisStarts: number;
  readonly rooms: readonly RoomEnd[];
  /** Of the servers' --history-messages: what a room keeps at least. */
  readonly historyMessages: number;
  /** Whatever was said in the round stays in the history until its end. */
  readonly historyIsAmple: boolean;
}
