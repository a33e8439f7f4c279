/** What stands in the list, newest last. `key` grows with each. */
export type Line = MessageLine | GapLine;

export interface MessageLine {
  readonly kind: 'message';
  readonly key: number;
  readonly name: string;
  /** As it was sent, so not to be trusted: see author_color.ts. */
  readonly color: unknown;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly ts: number;
}

/** Messages that will not come; undefined where nobody knows how many. */
export interface GapLine {
  readonly kind: 'gap';
  readonly key: number;
  readonly lost: number | undefined;
}

export interface LineLimits {
  /** Newest lines that are kept; there are up to twice as many until the oldest are cut off. */
  readonly keptMax: number;
  /** Of those, how many are shown while the list follows what is said. */
  readonly followedMax: number;
  /** Lines that are held for somebody who reads further up, those from before the pause included. */
  readonly heldMax: number;
  /** By how many the shown ones grow when their end comes near. */
  readonly step: number;
}

export const lineLimits: LineLimits = {
  keptMax: 500,
  followedMax: 120,
  heldMax: 1000,
  step: 100,
};

export interface LineView {
  /** One array until what is shown changes. */
  readonly lines: readonly Line[];
  readonly isPaused: boolean;
  /** Lines that came since it was paused. */
  readonly unseen: number;
}

/** What came since somebody last asked. */
export interface News {
  readonly count: number;
  /** The newest few of them, at least. */
  readonly newest: readonly Line[];
}

const newsMax = 5;

/**
 * The lines of a room, bounded however many come and however long somebody reads. It follows the
 * newest ones, or is paused: then what is shown stays as it is, and only grows at its end when
 * showMore() asks for it.
 */
export class LineList {
  readonly #limits: LineLimits;
  #kept: Line[] = [];
  /** While paused: from what was there then on, until there are too many. */
  #held: Line[] | undefined;
  #shownEnd = 0; // of #held
  #unseen = 0;
  #news = 0;
  #view: LineView = { lines: [], isPaused: false, unseen: 0 };
  #isStale = false;

  constructor(limits: LineLimits = lineLimits) {
    this.#limits = limits;
  }

  push(line: Line): void {
    this.#news += 1;
    this.#kept.push(line);
    // Cut seldom, so that a line costs no copy of all.
    if (this.#kept.length >= 2 * this.#limits.keptMax) {
      this.#kept = this.#kept.slice(-this.#limits.keptMax);
    }
    if (this.#held !== undefined) {
      this.#unseen += 1;
      if (this.#held.length < this.#limits.heldMax) this.#held.push(line);
    }
    this.#isStale = true;
  }

  pause(): void {
    if (this.#held !== undefined) return;
    this.#held = this.#kept.slice(-this.#limits.keptMax);
    this.#shownEnd = this.#held.length;
    this.#unseen = 0;
    this.#isStale = true;
  }

  /** Back to the newest lines. */
  follow(): void {
    if (this.#held === undefined) return;
    this.#held = undefined;
    this.#unseen = 0;
    this.#isStale = true;
  }

  /** Shows further lines of those that came since the pause; follows where there are no more. */
  showMore(): void {
    if (this.#held === undefined) return;
    if (this.#shownEnd === this.#held.length) return this.follow();
    this.#shownEnd = Math.min(this.#shownEnd + this.#limits.step, this.#held.length);
    this.#isStale = true;
  }

  takeNews(): News {
    const count = this.#news;
    this.#news = 0;
    return { count, newest: this.#kept.slice(-newsMax) };
  }

  /** One object until something changes. */
  view(): LineView {
    if (this.#isStale) this.#view = this.#look();
    this.#isStale = false;
    return this.#view;
  }

  #look(): LineView {
    if (this.#held === undefined) {
      const lines = this.#kept.slice(-this.#limits.followedMax);
      return { lines, isPaused: false, unseen: 0 };
    }
    const { lines: before, isPaused } = this.#view;
    const isSame = isPaused && before.length === this.#shownEnd;
    const lines = isSame ? before : this.#held.slice(0, this.#shownEnd);
    return { lines, isPaused: true, unseen: this.#unseen };
  }
}
