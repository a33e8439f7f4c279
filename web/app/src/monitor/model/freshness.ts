import { staleAfterMs, type Link } from './link.ts';

/** What /healthz says while no events come; undefined: it was not asked, or has not answered yet. */
export type Health = 'ok' | 'degraded' | 'starting' | 'silent';

export interface Freshness {
  readonly state: 'connecting' | 'live' | 'stale';
  /** One sentence without its full stop. */
  readonly words: string;
}

/** How old what is shown is, and why, for people. `lastEventMs`: of the newest event that ever came. */
export function freshness(
  link: Link,
  lastEventMs: number | undefined,
  health: Health | undefined,
  nowMs: number,
): Freshness {
  if (lastEventMs === undefined) {
    return { state: 'connecting', words: join(why(health), next(link, nowMs)) };
  }
  const ageMs = nowMs - lastEventMs;
  // A stream that failed is not live again before it says something.
  const works = link.at === 'open' || (link.at === 'connecting' && link.attempt === 0);
  if (works && ageMs <= staleAfterMs) return { state: 'live', words: '' };
  const age = `these numbers are ${duration(ageMs)} old`;
  return { state: 'stale', words: join(age, why(health), next(link, nowMs)) };
}

function why(health: Health | undefined): string {
  switch (health) {
    case 'degraded':
      return 'the balancer has lost Redis; viewers stay connected';
    case 'starting':
      return 'the balancer is starting';
    case 'silent':
      return 'the balancer does not answer';
    case 'ok':
    case undefined:
      return '';
  }
}

function next(link: Link, nowMs: number): string {
  switch (link.at) {
    case 'connecting':
      return 'connecting';
    case 'open':
      return 'waiting for it';
    case 'waiting':
      return `trying again in ${Math.max(1, Math.ceil((link.untilMs - nowMs) / 1000))} s`;
  }
}

function join(...parts: readonly string[]): string {
  const text = parts.filter((part) => part !== '').join('; ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `4 s`, `2 min`, `3 h` */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}
