import type { Series } from './rates.ts';

/** In seconds; the last is all that is known. */
export const trendSpans = [10, 50, 100] as const;

export interface Trend {
  readonly direction: 'up' | 'down' | 'steady' | 'unknown';
  /** By what share it changed: 0.1 is a tenth more. Infinity: from nothing. */
  readonly change: number;
}

const unknown: Trend = { direction: 'unknown', change: 0 };
const steady: Trend = { direction: 'steady', change: 0 };

/** A smaller share than this is noise. */
const shareMin = 0.02;
const entriesMin = 6;

/**
 * The later half of the last `span` entries against the earlier half. A difference below `floor`, in
 * the metric's own unit, is none: a tenth of a millisecond is not ten times a hundredth.
 */
export function trend(series: Series, span: number, floor: number): Trend {
  const known = series.slice(-span).filter((value) => value !== null);
  const needed = span >= series.length ? entriesMin : Math.ceil(span * 0.8);
  if (known.length < needed) return unknown;
  const middle = Math.floor(known.length / 2);
  const before = average(known.slice(0, middle));
  const after = average(known.slice(middle));
  if (Math.abs(after - before) < floor) return steady;
  if (before === 0) return { direction: 'up', change: Infinity };
  const change = after / before - 1;
  if (Math.abs(change) < shareMin) return steady;
  return { direction: change > 0 ? 'up' : 'down', change };
}

function average(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
