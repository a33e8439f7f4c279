// Keeps a copy of the fleet from /stats/stream and tells the page when to look. What comes in
// between two looks is never rendered: at most ten looks a second, one where events come one a
// second.
import { Fleet } from './model/fleet.ts';
import { freshness, type Freshness, type Health } from './model/freshness.ts';
import { connect, step, type Link, type LinkEvent } from './model/link.ts';
import { NameBook, serverName } from './model/names.ts';
import { viewOf, type FleetView } from './model/view.ts';
import { parseJson, WireError } from '../shared/wire.ts';

/** What the store needs of a browser. */
export interface Platform {
  readonly now: () => number;
  readonly random: () => number;
  /** Opens a stream; the result closes it, after which nothing is called any more. */
  readonly open: (url: string, handlers: StreamHandlers) => () => void;
  readonly health: () => Promise<Health>;
  /** The result stops it. */
  readonly every: (ms: number, run: () => void) => () => void;
  readonly after: (ms: number, run: () => void) => () => void;
}

export interface StreamHandlers {
  readonly onState: (json: string) => void;
  readonly onChange: (json: string) => void;
  readonly onEnd: () => void;
}

export interface Snapshot {
  readonly freshness: Freshness;
  /** Undefined until the first event. */
  readonly view: FleetView | undefined;
  /** Changed in place; what it says belongs to `view`. */
  readonly fleet: Fleet | undefined;
  readonly allRooms: boolean;
  /** What the page does not understand of what the balancer sends; '': nothing. */
  readonly problem: string;
}

const lookEveryMs = 100;
const tickEveryMs = 500;
const healthEveryMs = 2000;

export class MonitorStore {
  readonly names = new NameBook();
  readonly #platform: Platform;
  readonly #api: string;
  readonly #listeners = new Set<() => void>();
  #link: Link;
  #close: (() => void) | undefined;
  #stopTicks: (() => void) | undefined;
  #cancelLook: (() => void) | undefined;
  #fleet: Fleet | undefined;
  #fresh = false; // the fleet has changed since the last look
  #lastEventMs: number | undefined;
  #lastLookMs = -Infinity;
  #health: Health | undefined;
  #healthAskedMs = -Infinity;
  #allRooms = false;
  #problem = '';
  #snapshot: Snapshot;

  constructor(platform: Platform, api: string) {
    this.#platform = platform;
    this.#api = api;
    this.#link = connect(platform.now());
    this.#snapshot = this.#look(undefined);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): Snapshot => this.#snapshot;

  start(): void {
    this.#stopTicks ??= this.#platform.every(tickEveryMs, () => this.#tick());
    this.#step({ type: 'again', nowMs: this.#platform.now() });
  }

  stop(): void {
    this.#stopTicks?.();
    this.#cancelLook?.();
    this.#close?.();
    this.#stopTicks = this.#cancelLook = this.#close = undefined;
  }

  /** All rooms that the balancer knows, not only the 200 busiest. */
  setAllRooms(all: boolean): void {
    if (this.#allRooms === all) return;
    this.#allRooms = all;
    this.#step({ type: 'again', nowMs: this.#platform.now() });
    this.#lookSoon();
  }

  #tick(): void {
    const nowMs = this.#platform.now();
    this.#step({ type: 'tick', nowMs, random: this.#platform.random() });
    if (this.#freshness().state === 'live') {
      this.#health = undefined;
    } else {
      void this.#askHealth(nowMs);
    }
    if (this.#freshness().words !== this.#snapshot.freshness.words) this.#lookSoon();
  }

  #step(event: LinkEvent): void {
    const [link, effects] = step(this.#link, event);
    this.#link = link;
    for (const effect of effects) {
      this.#close?.();
      this.#close = effect === 'open' ? this.#open() : undefined;
    }
  }

  #open(): () => void {
    const rooms = this.#allRooms ? '?rooms=all' : '';
    return this.#platform.open(`${this.#api}/stats/stream${rooms}`, {
      onState: (json) => this.#hear(() => (this.#fleet = new Fleet(parseJson(json)))),
      onChange: (json) => this.#hear(() => this.#fleet?.change(parseJson(json))),
      onEnd: () => this.#fail(),
    });
  }

  #hear(take: () => void): void {
    const nowMs = this.#platform.now();
    try {
      take();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#problem = error.message;
      return this.#fail();
    }
    this.#problem = '';
    this.#lastEventMs = nowMs;
    this.#health = undefined;
    this.#fresh = true;
    for (const { id, url } of this.#fleet?.servers.values() ?? []) {
      if (this.names.nameOf(id) !== serverName(url)) this.names.note(id, url);
    }
    this.#step({ type: 'heard', nowMs });
    this.#lookSoon();
  }

  #fail(): void {
    const { now, random } = this.#platform;
    this.#step({ type: 'failed', nowMs: now(), random: random() });
    this.#lookSoon();
  }

  async #askHealth(nowMs: number): Promise<void> {
    if (nowMs - this.#healthAskedMs < healthEveryMs) return;
    this.#healthAskedMs = nowMs;
    const health = await this.#platform.health();
    if (this.#freshness().state !== 'live') this.#health = health;
  }

  #freshness(): Freshness {
    return freshness(this.#link, this.#lastEventMs, this.#health, this.#platform.now());
  }

  #lookSoon(): void {
    if (this.#cancelLook !== undefined || this.#stopTicks === undefined) return;
    const wait = Math.max(0, this.#lastLookMs + lookEveryMs - this.#platform.now());
    this.#cancelLook = this.#platform.after(wait, () => {
      this.#cancelLook = undefined;
      this.#lastLookMs = this.#platform.now();
      this.#snapshot = this.#look(this.#snapshot);
      for (const listener of this.#listeners) listener();
    });
  }

  #look(last: Snapshot | undefined): Snapshot {
    const isNew = this.#fresh && this.#fleet !== undefined;
    this.#fresh = false;
    return {
      freshness: this.#freshness(),
      view: isNew && this.#fleet !== undefined ? viewOf(this.#fleet) : last?.view,
      fleet: this.#fleet,
      allRooms: this.#allRooms,
      problem: this.#problem,
    };
  }
}
