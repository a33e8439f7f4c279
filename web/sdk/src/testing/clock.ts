// Virtual time and seeded chance for a simulation.

/** mulberry32: small, and the same numbers for the same seed everywhere. In [0, 1). */
export function seeded(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Due {
  readonly at: number;
  readonly order: number;
  readonly what: () => void;
}

/** Things that happen at their times; at the same time in the order in which they were arranged. */
export class Clock {
  now = 0;
  #arranged = 0;
  #dues: Due[] = [];

  after(ms: number, what: () => void): void {
    this.#arranged += 1;
    const due = { at: this.now + ms, order: this.#arranged, what };
    const isLater = ({ at }: Due): boolean => at > due.at;
    const index = this.#dues.findIndex(isLater);
    this.#dues.splice(index < 0 ? this.#dues.length : index, 0, due);
  }

  /** The next thing happens. false: there is none until `end`. */
  advance(end: number): boolean {
    const [due] = this.#dues;
    if (due === undefined || due.at > end) return false;
    this.#dues.shift();
    this.now = due.at;
    due.what();
    return true;
  }
}
