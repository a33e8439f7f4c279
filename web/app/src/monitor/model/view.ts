// What the page shows, computed from the fleet once a second.
import { groupDecisions, type Decision, type DecisionGroup } from './decisions.ts';
import type { Fleet } from './fleet.ts';
import { entries } from './history.ts';
import { latest, levels, mean, rates, rateSeconds, sum, type Series } from './rates.ts';
import { serverName } from './names.ts';
import type { Server } from './server.ts';
import type { Settings } from './settings.ts';
import { trend, trendSpans, type Trend } from './trend.ts';
import type { ServerStatus } from './wire.ts';

export interface Metric {
  readonly now: number | null;
  readonly series: Series;
  /** Over 10 s, 50 s and all that is known. */
  readonly trends: readonly Trend[];
}

/** Differences that are none, by the metric's own unit. */
const floors = { viewers: 1, rate: 1, ms: 0.5, share: 0.05 } as const;

function metric(series: Series, floor: number): Metric {
  return {
    now: latest(series),
    series,
    trends: trendSpans.map((span) => trend(series, span, floor)),
  };
}

export interface ServerView {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly status: ServerStatus;
  readonly rooms: number;
  /** Bytes of the whole process. */
  readonly rss: number;
  readonly load: Metric;
  readonly viewers: Metric;
  readonly deliveries: Metric;
  readonly fanouts: Metric;
  readonly flushes: Metric;
  readonly lag: Metric;
  readonly busy: Metric;
  /** What is wrong with it, in words; empty: nothing. */
  readonly concern: string;
}

export interface TotalsView {
  readonly serversUp: number;
  readonly serversDraining: number;
  readonly servers: Metric;
  readonly rooms: Metric;
  readonly viewers: Metric;
  readonly deliveries: Metric;
  readonly messages: Metric;
  readonly flushes: Metric;
  readonly provisions: Metric;
  readonly lag: Metric;
}

export interface FleetView {
  /** In seconds since 1970, for each entry of a series; those before `first` are no times. */
  readonly times: readonly number[];
  readonly atMs: number;
  readonly deciding: boolean;
  readonly settings: Settings;
  readonly servers: readonly ServerView[];
  readonly totals: TotalsView;
  readonly decisions: readonly Decision[];
  readonly groups: readonly DecisionGroup[];
  /** How many rooms the stream tells of. */
  readonly roomsTold: number;
}

/** max(deliveries/s ÷ spawnWrites, busy ÷ spawnBusy): 1 is full. docs/balancing.md */
export function loadSeries(deliveries: Series, busy: Series, settings: Settings): Series {
  return busy.map((share, at) => {
    if (share === null) return null;
    return Math.max((deliveries[at] ?? 0) / settings.spawnWrites, share / settings.spawnBusy);
  });
}

/** The worst thing first. */
function concernOf(status: ServerStatus, load: Metric, lag: Metric, settings: Settings): string {
  if (status === 'draining') return 'draining';
  const recent = ({ series }: Metric): number => meanOfLast(series);
  if (recent(load) > settings.redistributeAbove) return 'overloaded';
  if (recent(lag) > settings.redistributeLagMs) return 'lagging';
  if (recent(load) > settings.spawnAbove) return 'full';
  return '';
}

/** Over the last three seconds: one late second alarms nobody. */
function meanOfLast(series: Series): number {
  const known = series.slice(-rateSeconds).filter((value) => value !== null);
  return known.reduce((total, value) => total + value, 0) / Math.max(1, known.length);
}

function serverView(server: Server, fleet: Fleet): ServerView {
  const { histories, first } = server;
  const { settings } = fleet.totals;
  const counter = (name: 'socketWrites' | 'fanouts' | 'flushes'): Series =>
    rates(histories[name], fleet.times, first);
  const deliveries = counter('socketWrites');
  const busy = levels(histories.busy, first);
  const load = metric(loadSeries(deliveries, busy, settings), floors.share);
  const lag = metric(levels(histories.timeouts, first), floors.ms);
  return {
    id: server.id,
    name: serverName(server.url),
    url: server.url,
    status: server.status,
    rooms: server.rooms.size,
    rss: server.rss,
    load,
    viewers: metric(levels(histories.clients, first), floors.viewers),
    deliveries: metric(deliveries, floors.rate),
    fanouts: metric(counter('fanouts'), floors.rate),
    flushes: metric(counter('flushes'), floors.rate),
    lag,
    busy: metric(busy, floors.share),
    concern: concernOf(server.status, load, lag, settings),
  };
}

function totalsView(fleet: Fleet, servers: readonly ServerView[]): TotalsView {
  const { totals, first, times } = fleet;
  const all = (of: (server: ServerView) => Metric): readonly Series[] =>
    servers.map((server) => of(server).series);
  const there = servers.map(({ viewers }) => viewers.series.map((n) => (n === null ? null : 1)));
  const draining = servers.filter(({ status }) => status === 'draining').length;
  return {
    serversUp: servers.length - draining,
    serversDraining: draining,
    servers: metric(sum(there), 1),
    rooms: metric(levels(totals.rooms, first), 1),
    viewers: metric(sum(all(({ viewers }) => viewers)), floors.viewers),
    deliveries: metric(sum(all(({ deliveries }) => deliveries)), floors.rate),
    messages: metric(levels(totals.messagesPerS, first), floors.rate),
    flushes: metric(sum(all(({ flushes }) => flushes)), floors.rate),
    provisions: metric(rates(totals.provisions, times, first), floors.rate),
    lag: metric(mean(all(({ lag }) => lag)), floors.ms),
  };
}

function byName(a: ServerView, b: ServerView): number {
  return a.name.localeCompare(b.name, 'en', { numeric: true }) || (a.id < b.id ? -1 : 1);
}

export function viewOf(fleet: Fleet): FleetView {
  const servers = [...fleet.servers.values()].map((server) => serverView(server, fleet));
  servers.sort(byName);
  const times = Array.from(fleet.times.values, (ms) => ms / 1000);
  return {
    times,
    atMs: (times[entries - 1] ?? 0) * 1000,
    deciding: fleet.totals.deciding,
    settings: fleet.totals.settings,
    servers,
    totals: totalsView(fleet, servers),
    decisions: fleet.decisions,
    groups: groupDecisions(fleet.decisions),
    roomsTold: fleet.rooms.size,
  };
}
