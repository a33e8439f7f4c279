// What the balancer sends of a fleet, checked: docs/http.md, /stats/stream.
import { fail, list, number } from '../../shared/wire.ts';
import { entries } from './history.ts';

export * from '../../shared/wire.ts';

export function history(value: unknown, what: string, check = number): readonly number[] {
  const all = list(value, what);
  if (all.length !== entries) fail(what);
  return all.map((entry) => check(entry, what));
}

export type ServerStatus = 'up' | 'draining';

export function status(value: unknown, what: string): ServerStatus {
  return value === 'up' || value === 'draining' ? value : fail(what);
}
