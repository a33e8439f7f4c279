import { SpillwayError, type Message, type Room, type RoomState } from '@spillway/client';
import { LineList, type LineView, type News } from './line_list.ts';
import { confirmed, passed, refused, said, without, type OwnLines } from './own_lines.ts';
import { cleanName, type Viewer } from './viewer.ts';
import { whyRefused } from './words.ts';

/** Why lines wait, and until when by the page's clock. */
export interface Hold {
  readonly code: string;
  readonly untilMs: number;
  /** How many that were when it was said. */
  readonly seconds: number;
}

/** What the page shows of a room. One object until something of it changes. */
export interface ChatView extends LineView {
  readonly state: RoomState;
  readonly viewers: number | undefined;
  readonly own: OwnLines;
  readonly hold: Hold | undefined;
}

export type RoomLike = Pick<Room, 'on' | 'send' | 'close' | 'state'>;

export interface ChatPlatform {
  readonly join: () => RoomLike;
  /** Runs it before a frame is painted: the next one, or the first after that time. */
  readonly onFrame: (run: () => void, afterMs: number) => void;
  readonly now: () => number;
  readonly newId: () => string;
}

/** Between two changes. Nobody reads faster, and the frames in between are free for scrolling. */
const changeEveryMs = 50;

const historyLines = 50;
export const joinOptions = { history: historyLines };

/**
 * A room as the page shows it. Whatever happens within a twentieth of a second is one change for who
 * subscribed, however much it is; in a quiet room it is there in the next frame. A page in the background gets none until it is seen
 * again, and its lines stay bounded all the same.
 */
export class ChatStore {
  readonly #platform: ChatPlatform;
  readonly #lines = new LineList();
  readonly #listeners = new Set<() => void>();
  #room: RoomLike | undefined;
  #lastKey = 0;
  #state: RoomState = { name: 'connecting' };
  #viewers: number | undefined;
  #own: OwnLines = [];
  #hold: Hold | undefined;
  #view: ChatView;
  #frameIsDue = false;
  #changedAtMs = -Infinity;

  constructor(platform: ChatPlatform) {
    this.#platform = platform;
    this.#view = this.#look();
  }

  /** Enters the room; what it returns leaves it. */
  start(): () => void {
    const room = this.#platform.join();
    this.#room = room;
    this.#set({ state: room.state });
    room.on('message', (message) => this.#heard(message));
    room.on('gap', ({ lost, to = Infinity }) => {
      this.#lines.push({ kind: 'gap', key: this.#nextKey(), lost });
      this.#set({ own: passed(this.#own, to) });
    });
    room.on('viewers', (viewers) => this.#set({ viewers }));
    room.on('state', (state) => this.#set({ state }));
    room.on('error', ({ code, retryAfterMs }) => {
      if (retryAfterMs === undefined) return;
      const untilMs = this.#platform.now() + retryAfterMs;
      this.#set({ hold: { code, untilMs, seconds: Math.ceil(retryAfterMs / 1000) } });
    });
    return () => {
      this.#room = undefined;
      room.close();
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly view = (): ChatView => this.#view;

  async say(text: string, { name, color }: Viewer): Promise<void> {
    const id = this.#platform.newId();
    this.#set({ own: said(this.#own, id, text) });
    try {
      if (this.#room === undefined) throw new SpillwayError({ code: 'closed', message: '' });
      const { seq } = await this.#room.send(text, { id, data: { name, color } });
      this.#set({ own: confirmed(this.#own, id, seq), hold: undefined });
    } catch (problem) {
      const why = problem instanceof SpillwayError ? whyRefused(problem) : String(problem);
      this.#set({ own: refused(this.#own, id, why) });
    }
  }

  /** Takes a refused line away. */
  dismiss(id: string): void {
    this.#set({ own: without(this.#own, id) });
  }

  /** How many messages came since the last call, and the newest of them. */
  takeNews(): News {
    return this.#lines.takeNews();
  }

  // What is done by hand is seen at once: a frame later the list would jump under it.

  pause(): void {
    this.#lines.pause();
    this.#publish();
  }

  follow(): void {
    this.#lines.follow();
    this.#publish();
  }

  showMore(): void {
    this.#lines.showMore();
    this.#publish();
  }

  #heard({ id, seq, text, ts, data }: Message): void {
    const name = typeof data['name'] === 'string' ? cleanName(data['name']) : '';
    this.#lines.push({
      kind: 'message',
      key: this.#nextKey(),
      name: name === '' ? 'somebody' : name,
      color: data['color'],
      text,
      ts,
    });
    const own = id === undefined ? this.#own : without(this.#own, id);
    this.#set({ own: passed(own, seq) });
  }

  #nextKey(): number {
    this.#lastKey += 1;
    return this.#lastKey;
  }

  #set(
    change: Partial<Pick<ChatView, 'state' | 'viewers' | 'own'>> & { hold?: Hold | undefined },
  ): void {
    if (change.state !== undefined) this.#state = change.state;
    if (change.viewers !== undefined) this.#viewers = change.viewers;
    if (change.own !== undefined) this.#own = change.own;
    if ('hold' in change) this.#hold = change.hold;
    if (this.#frameIsDue) return;
    this.#frameIsDue = true;
    const afterMs = Math.max(0, this.#changedAtMs + changeEveryMs - this.#platform.now());
    this.#platform.onFrame(() => {
      this.#frameIsDue = false;
      this.#changedAtMs = this.#platform.now();
      this.#publish();
    }, afterMs);
  }

  #publish(): void {
    this.#view = this.#look();
    for (const listener of this.#listeners) listener();
  }

  #look(): ChatView {
    return {
      ...this.#lines.view(),
      state: this.#state,
      viewers: this.#viewers,
      own: this.#own,
      hold: this.#hold,
    };
  }
}
