/** Of every history on the wire: one entry a second, the newest last. */
export const entries = 100;

/** The last hundred values, oldest first. Entries before the first real one are padding. */
export class History {
  readonly values: Float64Array;

  constructor(values: readonly number[] = []) {
    this.values = new Float64Array(entries);
    this.values.set(values.slice(-entries), entries - Math.min(values.length, entries));
  }

  get latest(): number {
    return this.values[entries - 1] ?? 0;
  }

  /** Moves on by one: by what came, or by the last one once more. */
  push(value: number | undefined): void {
    const next = value ?? this.latest;
    this.values.copyWithin(0, 1);
    this.values[entries - 1] = next;
  }
}

/**
 * Where real entries begin in histories that were filled side by side: what is 0 in all of them is
 * padding, as far as anybody can tell.
 */
export function firstReal(histories: readonly History[]): number {
  for (let at = 0; at < entries; at += 1) {
    if (histories.some(({ values }) => values[at] !== 0)) return at;
  }
  return entries;
}
