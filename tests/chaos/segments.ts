// What one connection was told, room by room.
import type { Position, ServerMessage } from '../integration/harness/messages.ts';
import type { Visit } from './history.ts';

interface Segment {
  readonly room: string;
  readonly since: Position | undefined;
  readonly told: ServerMessage[];
}

/** The room of a line that this viewer said. */
export type RoomOf = (id: string) => string | undefined;

export class Segments {
  /** In the order in which it came to the rooms. */
  readonly #segments: Segment[] = [];
  /** A register without an answer; another room is only asked for when there is none. */
  #asked: Segment | undefined;
  #epoch: string | undefined;

  /** Where it is; undefined before the first answer. */
  get room(): string | undefined {
    return this.#segments.at(-1)?.room;
  }

  /** Of the messages that come now. */
  get epoch(): string | undefined {
    return this.#epoch;
  }

  /** It is where it last asked to be. */
  get isIn(): boolean {
    return this.#asked === undefined && this.#epoch !== undefined;
  }

  ask(room: string, since: Position | undefined): void {
    this.#asked = { room, since, told: [] };
  }

  hear(message: ServerMessage, roomOf: RoomOf): void {
    if (message.type === 'registered') {
      // Unasked it comes for the room where it is; what is asked for is always another.
      if (this.#asked !== undefined && message.payload.chatId === this.#asked.room) {
        this.#segments.push(this.#asked);
        this.#asked = undefined;
      }
      this.#epoch = message.payload.epoch;
    }
    const id = message.type === 'ack' || message.type === 'error' ? message.payload.id : undefined;
    const room = id === undefined ? undefined : roomOf(id);
    const of = this.#segments.findLast((segment) => segment.room === room);
    (of ?? this.#segments.at(-1))?.told.push(message);
  }

  visits(of: Pick<Visit, 'viewer' | 'server' | 'connection' | 'violations'>): Visit[] {
    return this.#segments.map(({ room, since, told }, at) => ({
      ...of,
      room,
      since,
      told,
      violations: at === 0 ? of.violations : [],
    }));
  }
}
