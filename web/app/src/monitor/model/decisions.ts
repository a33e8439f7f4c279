import * as wire from './wire.ts';

/** What the balancer, or a person through it, decided about the fleet. */
export interface Decision {
  /** ms since 1970 */
  readonly at: number;
  readonly what: string;
  readonly why: string;
  readonly numbers: readonly (readonly [string, number])[];
}

export const decisionsMax = 100;

export function parseDecision(value: unknown): Decision {
  const { at, what, why, numbers } = wire.fields(value, 'a decision');
  const shown = Object.entries(wire.fields(numbers, 'decision.numbers'));
  return {
    at: wire.time(at, 'decision.at'),
    what: wire.text(what, 'decision.what'),
    why: wire.text(why, 'decision.why'),
    numbers: shown.map(([name, n]) => [name, typeof n === 'number' ? n : Number.NaN]),
  };
}

/** Decisions that repeat each second while something holds are one line. */
export interface DecisionGroup {
  /** The newest of them. */
  readonly decision: Decision;
  /** When the first fell. */
  readonly since: number;
  readonly count: number;
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const repeatsWithinMs = 3500;

/** Of the same kind, about the same server. */
function isRepeat(next: Decision, last: DecisionGroup): boolean {
  const about = ({ why }: Decision): string => why.match(uuid)?.[0] ?? why;
  return (
    next.what === 'redistribute' &&
    next.what === last.decision.what &&
    next.at - last.decision.at <= repeatsWithinMs &&
    about(next) === about(last.decision)
  );
}

/** Newest first. */
export function groupDecisions(oldestFirst: readonly Decision[]): readonly DecisionGroup[] {
  const groups: DecisionGroup[] = [];
  for (const decision of oldestFirst) {
    const at = groups.findLastIndex((group) => isRepeat(decision, group));
    const group = groups[at];
    if (group === undefined) groups.push({ decision, since: decision.at, count: 1 });
    else groups[at] = { ...group, decision, count: group.count + 1 };
  }
  return groups.toSorted((a, b) => b.decision.at - a.decision.at);
}

/** `why` with names that people know in place of ids. */
export function withNames(why: string, nameOf: (id: string) => string | undefined): string {
  return why.replaceAll(uuid, (id) => nameOf(id) ?? `${id.slice(0, 8)}…`);
}

const whatWords: Readonly<Record<string, string>> = {
  spawn: 'Spawn',
  heal: 'Heal',
  shrink: 'Shrink',
  redistribute: 'Move viewers',
  remove: 'Remove',
  create: 'Start',
  drain: 'Drain',
};

export function whatWord(what: string): string {
  return whatWords[what] ?? what;
}

export type DecisionKind = 'more' | 'fewer' | 'move';

/** What it does to the fleet. */
export function kindOf(what: string): DecisionKind {
  if (what === 'redistribute') return 'move';
  return what === 'spawn' || what === 'heal' || what === 'create' ? 'more' : 'fewer';
}

const units: Readonly<Record<string, string>> = { lag_ms: ' ms', lag_above_ms: ' ms' };

/** `load 1.25, above 1` */
export function numbersText(numbers: Decision['numbers']): string {
  return numbers
    .map(([name, n]) => {
      const unit = units[name] ?? (name.endsWith('_s') ? ' s' : '');
      const words = name.replace(/_(?:ms|s)$/, '').replaceAll('_', ' ');
      return `${words} ${Number(n.toFixed(2)).toLocaleString('en')}${unit}`;
    })
    .join(', ');
}
