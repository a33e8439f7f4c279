// Which rounds a run plays: from the environment, where ./dev puts it.
import { regressions } from './regressions.ts';

export interface Settings {
  readonly seeds: readonly number[];
  readonly sentinel: boolean;
}

/** Nine digits: what `./dev chaos --seed` takes. */
const seedMax = 1_000_000_000 - 10_000;
/** Rounds of a seed that nobody chose, besides those that once failed. */
const freshRounds = 2;

function whole(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new Error(`${name}: no whole number: ${text}`);
  return value;
}

function read(): Settings {
  const rounds = whole('SPILLWAY_CHAOS_ROUNDS');
  const first = whole('SPILLWAY_CHAOS_SEED') ?? Math.floor(Math.random() * seedMax);
  const sentinel = process.env['SPILLWAY_CHAOS_SENTINEL'] === '1';
  const fresh = Array.from({ length: rounds ?? freshRounds }, (_, index) => first + index);
  return { seeds: rounds === undefined ? [...regressions, ...fresh] : fresh, sentinel };
}

export const settings = read();
