// What a run of rounds says about itself.
import type { Setup } from './plan.ts';
import type { Outcome } from './round.ts';

export interface Totals {
  readonly rounds: number;
  readonly failed: readonly number[];
  readonly faults: ReadonlyMap<string, number>;
  readonly sent: number;
  readonly tries: number;
  readonly seen: number;
  readonly messages: number;
  readonly connections: number;
  readonly epochs: number;
  readonly toldLost: number;
  readonly unjudged: number;
  readonly wallMs: number;
}

export function noTotals(): Totals {
  const numbers = {
    sent: 0,
    tries: 0,
    seen: 0,
    messages: 0,
    connections: 0,
    epochs: 0,
    unjudged: 0,
  };
  return { rounds: 0, failed: [], faults: new Map(), ...numbers, toldLost: 0, wallMs: 0 };
}

export function addUp(totals: Totals, outcome: Outcome): Totals {
  const faults = new Map(totals.faults);
  for (const [name, count] of outcome.faults) faults.set(name, (faults.get(name) ?? 0) + count);
  return {
    rounds: totals.rounds + 1,
    failed: outcome.wrong.length === 0 ? totals.failed : [...totals.failed, outcome.plan.seed],
    faults,
    sent: totals.sent + outcome.sent,
    tries: totals.tries + outcome.tries,
    seen: totals.seen + outcome.seen,
    messages: totals.messages + (outcome.verdict?.messages ?? 0),
    connections: totals.connections + outcome.connections,
    epochs: totals.epochs + (outcome.verdict?.epochs ?? 0),
    toldLost: totals.toldLost + (outcome.verdict?.toldLost ?? 0),
    unjudged: totals.unjudged + (outcome.verdict?.unjudged ?? 0),
    wallMs: totals.wallMs + outcome.wallMs,
  };
}

const list = (faults: ReadonlyMap<string, number>): string =>
  [...faults]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, count]) => (count === 1 ? name : `${count} ${name}`))
    .join(', ') || 'none';

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function setting(setup: Setup): string {
  const fans = setup.rooms.flatMap((room) => room.fans);
  const sdks = fans.filter(({ sdk }) => sdk);
  const parts = [
    `${setup.servers} servers of ${setup.threads} (${setup.io})`,
    `${fans.length} viewers (${sdks.length} by the SDK) in ${setup.rooms.length} rooms`,
    setup.sentinel ? 'Sentinel' : `Redis ${setup.persistence} by ${setup.link}`,
    `history ${setup.historyMessages}`,
  ];
  return [...parts, ...(setup.balancer ? ['balancer'] : [])].join(', ');
}

export function describeRound(number: number, outcome: Outcome): string {
  const { plan, verdict } = outcome;
  const numbers = [
    `${outcome.sent} sent in ${outcome.tries} tries`,
    `${verdict?.messages ?? 0} ordered (${verdict?.living ?? 0} live on)`,
    `${outcome.seen} seen on ${outcome.connections} connections`,
    `${verdict?.epochs ?? 0} epochs, ${verdict?.toldLost ?? 0} told of a loss`,
  ];
  return [
    `round ${number}, seed ${plan.seed}: ${setting(plan.setup)}`,
    `  faults: ${list(outcome.faults)}`,
    `  ${numbers.join('; ')}; ${seconds(outcome.wallMs)}: ${outcome.wrong.length === 0 ? 'ok' : 'FAILED'}`,
  ].join('\n');
}

export function describeTotals(totals: Totals): string {
  const { rounds, failed } = totals;
  const hits = [...totals.faults.values()].reduce((sum, count) => sum + count, 0);
  return [
    `${rounds} rounds in ${seconds(totals.wallMs)}, ${hits} faults: ${list(totals.faults)}`,
    `${totals.sent} lines sent in ${totals.tries} tries, ${totals.messages} ordered, ${totals.seen} seen on ${totals.connections} connections, ${totals.epochs} epochs, ${totals.toldLost} times told of a loss, ${totals.unjudged} rooms not judged`,
    failed.length === 0 ? 'all promises kept' : `failed seeds: ${failed.join(', ')}`,
  ].join('\n');
}
