// What the life of a room is made of: its state, what happens to it, and what is to be done then.
// All of it is plain data. Times are milliseconds of whatever clock the driver has; `Infinity` is
// never.
import type { Chat, Position, ServerMessage } from '../wire.ts';

export interface Settings {
  readonly room: string;
  /** A server to go to. Empty: the balancer is asked before each connection. */
  readonly server: string;
  readonly history: number | undefined;
  /** Lines that may wait for their answers. */
  readonly queueMax: number;
}

/** What a page shows. One object until it changes, so that it can be compared by identity. */
export type RoomState =
  /** Looks for a server, or is on the way into the room. */
  | { readonly name: 'connecting' }
  /** In the room, by the server at `url`; a hand-over only changes the url. */
  | { readonly name: 'joined'; readonly url: string }
  /** The connection was lost, `reason` says how; the next attempt comes after `retryInMs`. */
  | { readonly name: 'waiting'; readonly reason: string; readonly retryInMs: number }
  /** For good; `error` says why, where it was not `close()`. */
  | { readonly name: 'closed'; readonly error?: Failure };

/** The data of a SpillwayError. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number;
  /** Of the line that it is about. */
  readonly id?: string;
  readonly closeCode?: number;
}

/** What a viewer has missed and will not get. `lost` is undefined where nobody knows how many. */
export interface Skipped {
  readonly lost: number | undefined;
  readonly from?: number;
  readonly to?: number;
}

/** One connection, from the question to the balancer to its end. */
export interface Link {
  /** Its name towards the driver; never given twice. */
  readonly id: number;
  status: 'seeking' | 'opening' | 'registering' | 'joined';
  url: string;
  /** The position that it registered with. */
  since: Position | undefined;
  /** Of the messages that come on it. Empty: they do not count. */
  epoch: string;
  /** It is lost if nothing happens on it until then. */
  deadline: number;
  /** When to register once more, because the server could not read the room. */
  registerAt: number;
  joinedAt: number;
}

/** A line that was not answered yet, ready to be sent. */
export interface Line {
  readonly id: string;
  readonly text: string;
}

/** Told to go to another server. */
export interface Move {
  /** Empty: ask the balancer. */
  readonly url: string;
  /** `Infinity` once the time has come. */
  at: number;
  /** Attempts that failed. */
  readonly failures: number;
}

/**
 * At most two connections: `main`, which is in the room or on the way into it, and either `next`,
 * to which a hand-over leads, or `old`, from which it came and which still owes an answer.
 * Lines are sent one at a time, each after the answer to the one before: with several on their way a
 * refusal in the middle would change their order.
 */
export interface State {
  readonly settings: Settings;
  shown: RoomState;
  main: Link | undefined;
  next: Link | undefined;
  old: Link | undefined;
  lastLink: number;
  position: Position | undefined;

  move: Move | undefined;
  /** When `old` is left, whatever it owes. */
  leaveAt: number;

  /** Attempts since the last connection that held. */
  failures: number;
  retryAt: number;
  /** Where to go by turns with `settings.server`: where it was last, or was told to go. */
  otherUrl: string;

  lines: readonly Line[];
  /** The connection that the first line went out on and that has not answered; 0: none. */
  sentOn: number;
  /** Lines wait until then, because the server asked for patience. */
  holdUntil: number;
  /** That it did, without an `ack` in between. */
  refusals: number;
}

export type Event =
  | { readonly type: 'start' }
  | { readonly type: 'tick' }
  | { readonly type: 'send'; readonly id: string; readonly text: string }
  | { readonly type: 'close' }
  | { readonly type: 'found'; readonly link: number; readonly url: string }
  | { readonly type: 'opened'; readonly link: number }
  | { readonly type: 'heard'; readonly link: number; readonly messages: readonly ServerMessage[] }
  /** It ended or never came about. 1006 stands for every end without a close code. */
  | {
      readonly type: 'lost';
      readonly link: number;
      readonly code: number;
      readonly reason: string;
    };

/** What the driver does with a connection. */
export type LinkAction =
  /** Ask the balancer: answered by `found` or `lost`. */
  | { readonly do: 'find'; readonly link: number }
  /** Answered by `opened` or `lost`. */
  | { readonly do: 'connect'; readonly link: number; readonly url: string }
  | { readonly do: 'transmit'; readonly link: number; readonly text: string }
  /** No event of it comes afterwards. */
  | { readonly do: 'disconnect'; readonly link: number };

/** What the room is told. */
export type RoomAction =
  | { readonly do: 'show'; readonly state: RoomState }
  | { readonly do: 'deliver'; readonly epoch: string; readonly chat: Chat }
  | { readonly do: 'count'; readonly viewers: number }
  | { readonly do: 'skip'; readonly skipped: Skipped }
  | { readonly do: 'complain'; readonly failure: Failure }
  | { readonly do: 'resolve'; readonly id: string; readonly seq: number }
  | { readonly do: 'reject'; readonly id: string; readonly failure: Failure };

export type Action = LinkAction | RoomAction;

/** A step under way: a state that nobody else has yet, and what is to be done. */
export interface Turn {
  readonly state: State;
  readonly actions: Action[];
  readonly now: number;
  readonly random: () => number;
}

export function initialState(settings: Settings): State {
  return {
    settings,
    shown: { name: 'connecting' },
    main: undefined,
    next: undefined,
    old: undefined,
    lastLink: 0,
    position: undefined,
    move: undefined,
    leaveAt: Infinity,
    failures: 0,
    retryAt: Infinity,
    otherUrl: '',
    lines: [],
    sentOn: 0,
    holdUntil: Infinity,
    refusals: 0,
  };
}
