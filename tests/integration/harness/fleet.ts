// The fleet as a balancer shows it in /redis-stats and /metrics, and the processes of its servers.
import { readdirSync, readFileSync } from 'node:fs';
import type { Balancer } from './balancer.ts';
import { isRecord } from './messages.ts';
import { parseMetrics } from './metrics.ts';

export interface Decision {
  readonly at: number;
  readonly what: string;
  readonly why: string;
  readonly numbers: Readonly<Record<string, number>>;
}

export interface FleetServer {
  readonly id: string;
  readonly url: string;
  readonly status: string;
  /** At the last reading. */
  readonly viewers: number;
}

export interface FleetState {
  readonly servers: readonly FleetServer[];
  /** Viewers by room at the last reading. */
  readonly rooms: Readonly<Record<string, number>>;
  /** Oldest first. */
  readonly decisions: readonly Decision[];
}

function record(value: unknown): Record<string, unknown> {
  if (!isRecord(value)) throw new Error(`no object: ${JSON.stringify(value)}`);
  return value;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`no list: ${JSON.stringify(value)}`);
  return value;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`no text: ${JSON.stringify(value)}`);
  return value;
}

function number(value: unknown): number {
  if (typeof value !== 'number') throw new Error(`no number: ${JSON.stringify(value)}`);
  return value;
}

function parseServer(value: unknown): FleetServer {
  const server = record(record(value)['server']);
  const state = record(record(value)['state']);
  return {
    id: text(server['id']),
    url: text(server['url']),
    status: text(state['status']),
    viewers: number(list(state['clients']).at(-1)),
  };
}

function parseDecision(value: unknown): Decision {
  const { at, what, why, numbers } = record(value);
  const shown = Object.entries(record(numbers)).map(([name, n]) => [name, number(n)] as const);
  return { at: number(at), what: text(what), why: text(why), numbers: Object.fromEntries(shown) };
}

export function parseFleet(json: unknown): FleetState {
  const fleet = record(json);
  const rooms = Object.entries(record(fleet['chatRooms'])).map(
    ([name, room]) => [name, number(list(record(room)['clients']).at(-1))] as const,
  );
  return {
    servers: list(fleet['socketServers']).map(parseServer),
    rooms: Object.fromEntries(rooms),
    decisions: list(fleet['decisions']).map(parseDecision),
  };
}

/** undefined while it has not read Redis yet. */
export async function fleetOf(balancer: Balancer): Promise<FleetState | undefined> {
  const answer = await balancer.get('/redis-stats');
  return answer.status === 200 ? parseFleet(answer.json) : undefined;
}

export async function decisionsOf(balancer: Balancer): Promise<readonly Decision[]> {
  return (await fleetOf(balancer))?.decisions ?? [];
}

export function whats(decisions: readonly Decision[]): string[] {
  return decisions.map(({ what }) => what);
}

export async function isDeciding(balancer: Balancer): Promise<boolean> {
  const { text: page } = await balancer.get('/metrics');
  return parseMetrics(page).get('spillway_deciding') === 1;
}

export interface ServerProcess {
  readonly pid: number;
  readonly id: string;
  readonly redisUrl: string;
}

/** All of this machine, whoever is their parent now: servers outlive their balancer. */
export function serverProcesses(): ServerProcess[] {
  return readdirSync('/proc').flatMap((name) => {
    const [, command, ...flags] = commandLine(name);
    const value = (flag: string): string =>
      flags.find((one) => one.startsWith(`--${flag}=`))?.slice(flag.length + 3) ?? '';
    const server = { pid: Number(name), id: value('id'), redisUrl: value('redis') };
    return command === 'server' && server.id !== '' ? [server] : [];
  });
}

/** Of the process with this id in /proc; empty if there is none, or it is a zombie. */
function commandLine(pid: string): string[] {
  try {
    return /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0') : [];
  } catch {
    return []; // it ended meanwhile
  }
}

export function killServer(id: string): void {
  const found = serverProcesses().find((server) => server.id === id);
  if (found === undefined) throw new Error(`no process of server ${id}`);
  process.kill(found.pid, 'SIGKILL');
}
