import { entries, type History } from './history.ts';

/** A value for each entry of a history; null: not known. */
export type Series = readonly (number | null)[];

/** Over how many seconds a rate is averaged, as the balancer does for its decisions. */
export const rateSeconds = 3;

/**
 * What a counter gained per second up to entry `at`, over the last three seconds or as many as there
 * are since `first`. Servers write and the balancer reads once a second, each by its own clock, so a
 * single second says twice as much or nothing.
 *
 * Never negative: a counter that went back is that of a new life, which begins there.
 */
export function rateAt(counter: History, times: History, first: number, at: number): number | null {
  const { values } = counter;
  let from = at;
  while (
    from > first &&
    at - from < rateSeconds &&
    value(values, from - 1) <= value(values, from)
  ) {
    from -= 1;
  }
  const seconds = (value(times.values, at) - value(times.values, from)) / 1000;
  return seconds > 0 ? (value(values, at) - value(values, from)) / seconds : null;
}

function value(values: Float64Array, at: number): number {
  return values[at] ?? 0;
}

export function rates(counter: History, times: History, first: number): Series {
  return seriesOf((at) => (at > first ? rateAt(counter, times, first, at) : null));
}

/** The values themselves, from `first` on. */
export function levels(history: History, first: number): Series {
  return seriesOf((at) => (at >= first ? value(history.values, at) : null));
}

function seriesOf(entry: (at: number) => number | null): Series {
  return Array.from({ length: entries }, (_, at) => entry(at));
}

/** What is known of them at each entry, added up; null where nothing is. */
export function sum(all: readonly Series[]): Series {
  return combine(all, (known) => known.reduce((total, one) => total + one, 0));
}

export function mean(all: readonly Series[]): Series {
  return combine(all, (known) => known.reduce((total, one) => total + one, 0) / known.length);
}

function combine(all: readonly Series[], of: (known: readonly number[]) => number): Series {
  return seriesOf((at) => {
    const known = all.map((series) => series[at] ?? null).filter((one) => one !== null);
    return known.length === 0 ? null : of(known);
  });
}

export function latest(series: Series): number | null {
  return series.at(-1) ?? null;
}
