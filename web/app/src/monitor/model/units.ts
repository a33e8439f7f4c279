// Numbers with their units, short enough for a card and always as wide as they need to be.
import type { Trend } from './trend.ts';

/** What stands where nothing is known. */
export const unknownText = '–';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** Three digits that count: 1.23, 45.6, 789. */
function threeDigits(value: number): string {
  const decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return value.toFixed(decimals);
}

const scales = [
  [1e12, ' T'],
  [1e9, ' G'],
  [1e6, ' M'],
  [1e4, ' K'],
] as const;

/** 0, 0.33, 12, 9,876, 12.3 K, 4.56 M: whole numbers have no decimals. */
export function amount(value: number | null): string {
  if (value === null) return unknownText;
  for (const [from, suffix] of scales) {
    const by = from === 1e4 ? 1e3 : from;
    if (value >= from * 0.9995) return `${threeDigits(value / by)}${suffix}`;
  }
  if (Number.isInteger(value) || value >= 99.95) return whole.format(value);
  if (value < 0.005) return value === 0 ? '0' : '< 0.01';
  return threeDigits(value);
}

export function milliseconds(value: number | null): string {
  if (value === null) return unknownText;
  if (value >= 9999.5) return threeDigits(value / 1000) + ' s';
  return `${value === 0 ? '0' : value < 0.005 ? '< 0.01' : threeDigits(value)} ms`;
}

export function percent(share: number | null): string {
  if (share === null) return unknownText;
  const value = share * 100;
  return `${value === 0 ? '0' : value < 9.95 ? value.toFixed(1) : value.toFixed(0)} %`;
}

/** 1 KiB is 1024 B. */
export function bytes(value: number | null): string {
  if (value === null) return unknownText;
  let rest = value;
  for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
    if (rest < 1023.5) return `${unit === 'B' ? whole.format(rest) : threeDigits(rest)} ${unit}`;
    rest /= 1024;
  }
  return `${threeDigits(rest)} TiB`;
}

/** ↗ +12 % */
export function trendText({ direction, change }: Trend): string {
  if (direction === 'unknown') return unknownText;
  if (direction === 'steady') return '→';
  const arrow = direction === 'up' ? '↗' : '↘';
  if (change > 9.99) return `${arrow} > 10×`;
  return `${arrow} ${change > 0 ? '+' : '−'}${Math.abs(change * 100).toFixed(0)} %`;
}

/** For those who hear it. */
export function trendWords({ direction, change }: Trend): string {
  if (direction === 'unknown') return 'not known yet';
  if (direction === 'steady') return 'steady';
  const way = direction === 'up' ? 'rising' : 'falling';
  if (change > 9.99) return `${way}, more than tenfold`;
  return `${way} by ${Math.abs(change * 100).toFixed(0)} %`;
}

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** 14:03:22, by this machine's time zone. */
export function clockTime(ms: number): string {
  return clock.format(ms);
}
