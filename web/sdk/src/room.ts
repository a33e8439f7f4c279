import { Driver } from './driver.ts';
import { Emitter } from './emitter.ts';
import { SpillwayError } from './errors.ts';
import { idMaker } from './ids.ts';
import type { Failure, RoomAction, RoomState, Skipped } from './machine/state.ts';
import type { Platform } from './platform.ts';
import { RecentIds } from './recent_ids.ts';
import { encodeChat, type Chat } from './wire.ts';

/** One line of chat. */
export interface Message {
  readonly text: string;
  /** Its number in the room, and the life of the room that it counts in. */
  readonly seq: number;
  readonly epoch: string;
  /** When the server took it, in milliseconds since 1970. */
  readonly ts: number;
  /** Its sender's name for it, if it was given one. */
  readonly id: string | undefined;
  /** By convention `name` is who speaks, and `color` the colour of the name. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface RoomEvents {
  /** A line of chat, in the room's order, once. */
  readonly message: Message;
  /** How many are in the room, on all servers. */
  readonly viewers: number;
  /** Messages that this viewer has missed and will not get. */
  readonly gap: Skipped;
  readonly state: RoomState;
  /** Something was refused. What ends the room is in its `state`, what ends a line in its promise. */
  readonly error: SpillwayError;
}

export interface JoinOptions {
  /** How many of the newest messages to get first; and how many instead of those that are gone. */
  readonly history?: number;
  /** Lines that may wait to be sent or answered; one more is rejected. Default 100. */
  readonly queueMax?: number;
}

export interface SendOptions {
  /** Goes to all viewers with the text: at most 1 KiB of JSON, 8 levels. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** A name of your own for the line, unique in the world and short. Default: a new one. */
  readonly id?: string;
}

/** The line is in the room's log, under this number. */
export interface Sent {
  readonly id: string;
  readonly seq: number;
}

interface Waiting {
  readonly resolve: (sent: Sent) => void;
  readonly reject: (error: SpillwayError) => void;
}

/** One viewer in one room. Made by `SpillwayClient.join`; it lives until it is closed. */
export class Room {
  readonly name: string;
  readonly #driver: Driver;
  readonly #events = new Emitter<RoomEvents>();
  readonly #newId = idMaker();
  readonly #recentIds = new RecentIds();
  readonly #waiting = new Map<string, Waiting>();
  #viewers: number | undefined;
  #isClosed = false;

  constructor(name: string, options: JoinOptions, platform: Platform, server: string) {
    const { history, queueMax = 100 } = options;
    this.name = name;
    const settings = { room: name, server, history, queueMax };
    this.#driver = new Driver(settings, platform, (action) => this.#perform(action));
    this.#driver.dispatch({ type: 'start' });
  }

  get state(): RoomState {
    return this.#driver.state.shown;
  }

  /** undefined until a server has said so. */
  get viewers(): number | undefined {
    return this.#viewers;
  }

  /** Returns what takes the listener away again. */
  on<Name extends keyof RoomEvents>(
    event: Name,
    listener: (value: RoomEvents[Name]) => void,
  ): () => void {
    return this.#events.on(event, listener);
  }

  /**
   * Says something, as soon as the room is there. Resolves when it is in the room's log; every
   * viewer gets it then, this one too. Rejects with a SpillwayError. What is sent is sent in order,
   * and again after a lost connection; viewers see it once.
   */
  async send(text: string, { data, id = this.#newId() }: SendOptions = {}): Promise<Sent> {
    if (this.#waiting.has(id)) {
      throw new SpillwayError({ code: 'bad_request', message: 'the id is in use', id });
    }
    const encoded = encodeChat(text, { id, data });
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#driver.dispatch({ type: 'send', id, text: encoded });
    });
  }

  /** Leaves for good. What was not answered is rejected, and nothing is told any more. */
  close(): void {
    this.#isClosed = true;
    this.#driver.dispatch({ type: 'close' });
  }

  #perform(action: RoomAction): void {
    switch (action.do) {
      case 'resolve':
        this.#take(action.id)?.resolve({ id: action.id, seq: action.seq });
        return;
      case 'reject':
        this.#take(action.id)?.reject(new SpillwayError(action.failure));
        return;
      case 'show':
        this.#events.emit('state', action.state);
        return;
      default:
        // A listener may have closed the room in the middle of what was to be told.
        if (!this.#isClosed) this.#tell(action);
    }
  }

  #tell(action: Extract<RoomAction, { do: 'deliver' | 'count' | 'skip' | 'complain' }>): void {
    switch (action.do) {
      case 'deliver':
        return this.#deliver(action.epoch, action.chat);
      case 'count':
        if (action.viewers === this.#viewers) return;
        this.#viewers = action.viewers;
        return this.#events.emit('viewers', action.viewers);
      case 'skip':
        return this.#events.emit('gap', action.skipped);
      case 'complain':
        return this.#events.emit('error', new SpillwayError(action.failure satisfies Failure));
    }
  }

  #deliver(epoch: string, { seq, ts, message: text, id, data = {} }: Chat): void {
    if (id !== undefined && !this.#recentIds.isNew(id)) return;
    this.#events.emit('message', { text, seq, epoch, ts, id, data });
  }

  #take(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}
