// The whole of the balancer's /redis-stats, checked to its last key; and the events of
// /stats/stream, from which a client keeps a copy of it.
import { isRecord } from './messages.ts';

export interface ServerStats {
  readonly server: { readonly id: string; readonly url: string };
  readonly state: {
    readonly clients: number[];
    readonly socketWrites: number[];
    readonly timeouts: number[];
    readonly fanouts: number[];
    readonly chatRooms: Record<string, number>;
    readonly memory: Record<string, number>;
    readonly busy: number[];
    readonly flushes: number[];
    status: string;
  };
}

export interface RoomStats {
  readonly clients: number[];
  readonly cumulativeMessages: number[];
  readonly cumulativeSocketWrites: number[];
}

export interface DecisionStats {
  readonly at: number;
  readonly what: string;
  readonly why: string;
  readonly numbers: Readonly<Record<string, number>>;
}

export interface RedisStats {
  readonly socketServers: ServerStats[];
  readonly chatRooms: Record<string, RoomStats>;
  readonly blackList: Readonly<Record<string, never>>;
  readonly decisions: DecisionStats[];
}

export const historyEntries = 100;
export const decisionsMax = 100;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const memoryFields = ['rss', 'heapTotal', 'heapUsed', 'external', 'arrayBuffers'] as const;

function fail(where: string, value: unknown, what: string): never {
  throw new Error(`${where} is not ${what}: ${JSON.stringify(value)?.slice(0, 300)}`);
}

function record(where: string, value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : fail(where, value, 'an object');
}

/** An object with these keys, in this order, and no others. */
function exactly(where: string, value: unknown, keys: readonly string[]): Record<string, unknown> {
  const found = record(where, value);
  if (Object.keys(found).join() !== keys.join()) fail(where, Object.keys(found), keys.join());
  return found;
}

function list(where: string, value: unknown): unknown[] {
  return Array.isArray(value) ? value : fail(where, value, 'a list');
}

function text(where: string, value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : fail(where, value, 'a text');
}

function count(where: string, value: unknown): number {
  const isCount = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  return isCount ? value : fail(where, value, 'a count');
}

function decimal(where: string, value: unknown): number {
  return typeof value === 'number' && value >= 0 ? value : fail(where, value, 'a number from 0 on');
}

type Check = (where: string, value: unknown) => number;

function history(where: string, value: unknown, check: Check): number[] {
  const entries = list(where, value);
  if (entries.length !== historyEntries) fail(where, entries.length, `${historyEntries} entries`);
  return entries.map((entry, at) => check(`${where}[${at}]`, entry));
}

function counts(where: string, value: unknown): Record<string, number> {
  const entries = Object.entries(record(where, value));
  return Object.fromEntries(entries.map(([name, n]) => [name, count(`${where}.${name}`, n)]));
}

export function parseServerStats(where: string, value: unknown): ServerStats {
  const { server, state } = exactly(where, value, ['server', 'state']);
  const named = exactly(`${where}.server`, server, ['id', 'url']);
  const keys = ['clients', 'socketWrites', 'timeouts', 'fanouts', 'chatRooms', 'memory'];
  const s = exactly(`${where}.state`, state, [...keys, 'busy', 'flushes', 'status']);
  const id = text(`${where}.id`, named['id']);
  const url = text(`${where}.url`, named['url']);
  if (!uuid.test(id)) fail(`${where}.id`, id, 'a uuid');
  if (!/^wss?:\/\//.test(url)) fail(`${where}.url`, url, 'the url of a WebSocket');
  const status = text(`${where}.status`, s['status']);
  if (status !== 'up' && status !== 'draining') fail(`${where}.status`, status, 'up or draining');
  const past = (name: string, check: Check): number[] =>
    history(`${where}.${name}`, s[name], check);
  return {
    server: { id, url },
    state: {
      clients: past('clients', count),
      socketWrites: past('socketWrites', count),
      timeouts: past('timeouts', decimal),
      fanouts: past('fanouts', count),
      chatRooms: counts(`${where}.chatRooms`, s['chatRooms']),
      memory: counts(`${where}.memory`, exactly(`${where}.memory`, s['memory'], memoryFields)),
      busy: past('busy', decimal),
      flushes: past('flushes', count),
      status,
    },
  };
}

export function parseRoomStats(where: string, value: unknown): RoomStats {
  const room = exactly(where, value, ['clients', 'cumulativeMessages', 'cumulativeSocketWrites']);
  const past = (name: string): number[] => history(`${where}.${name}`, room[name], count);
  return {
    clients: past('clients'),
    cumulativeMessages: past('cumulativeMessages'),
    cumulativeSocketWrites: past('cumulativeSocketWrites'),
  };
}

function parseDecision(where: string, value: unknown): DecisionStats {
  const { at, what, why, numbers } = exactly(where, value, ['at', 'what', 'why', 'numbers']);
  const shown = Object.entries(record(where, numbers)).map(([name, n]) => {
    return [name, typeof n === 'number' ? n : fail(`${where}.${name}`, n, 'a number')] as const;
  });
  return {
    at: count(`${where}.at`, at),
    what: text(`${where}.what`, what),
    why: text(`${where}.why`, why),
    numbers: Object.fromEntries(shown),
  };
}

function parseDecisions(where: string, value: unknown): DecisionStats[] {
  return list(where, value).map((entry, at) => parseDecision(`${where}[${at}]`, entry));
}

/** What the stream says beyond /redis-stats. */
export interface Totals {
  readonly at: number[];
  readonly rooms: number[];
  readonly messagesPerS: number[];
  readonly provisions: number[];
  readonly deciding: boolean;
  readonly settings: Readonly<Record<string, number>>;
}

const settingNames = [
  'serversMin',
  'serversMax',
  'spawnWrites',
  'spawnBusy',
  'roomBelow',
  'spawnAbove',
  'redistributeAbove',
  'redistributeLagMs',
  'shrinkBelow',
] as const;

function flag(where: string, value: unknown): boolean {
  return typeof value === 'boolean' ? value : fail(where, value, 'true or false');
}

export function parseTotals(value: unknown): Totals {
  const keys = ['at', 'rooms', 'messagesPerS', 'provisions', 'deciding', 'settings'];
  const totals = exactly('balancer', value, keys);
  const settings = Object.entries(exactly('settings', totals['settings'], settingNames));
  return {
    at: history('balancer.at', totals['at'], count),
    rooms: history('balancer.rooms', totals['rooms'], count),
    messagesPerS: history('balancer.messagesPerS', totals['messagesPerS'], decimal),
    provisions: history('balancer.provisions', totals['provisions'], count),
    deciding: flag('balancer.deciding', totals['deciding']),
    settings: Object.fromEntries(settings.map(([name, n]) => [name, decimal(name, n)])),
  };
}

/** The totals after a `change` event of the time `at`. */
export function applyToTotals(totals: Totals, at: unknown, value: unknown): Totals {
  const change = record('balancer', value);
  onlyKeys('balancer', change, ['rooms', 'messagesPerS', 'provisions', 'deciding']);
  push(totals.at, at, 'at', count);
  push(totals.rooms, change['rooms'], 'balancer.rooms', count);
  push(totals.messagesPerS, change['messagesPerS'], 'balancer.messagesPerS', decimal);
  push(totals.provisions, change['provisions'], 'balancer.provisions', count);
  const deciding = change['deciding'] ?? totals.deciding;
  return { ...totals, deciding: flag('balancer.deciding', deciding) };
}

/** A `state` event: all of /redis-stats, and the totals. */
export function parseStreamState(value: unknown): { stats: RedisStats; totals: Totals } {
  const { balancer, ...stats } = record('state', value);
  return { stats: parseRedisStats(stats), totals: parseTotals(balancer) };
}

/** Throws on the first thing that is not as docs/http.md says. */
export function parseRedisStats(value: unknown): RedisStats {
  const keys = ['socketServers', 'chatRooms', 'blackList', 'decisions'];
  const stats = exactly('stats', value, keys);
  exactly('blackList', stats['blackList'], []);
  const servers = list('socketServers', stats['socketServers']);
  const rooms = Object.entries(record('chatRooms', stats['chatRooms']));
  const decisions = parseDecisions('decisions', stats['decisions']);
  if (decisions.length > decisionsMax) fail('decisions', decisions.length, 'at most 100');
  return {
    socketServers: servers.map((server, at) => parseServerStats(`socketServers[${at}]`, server)),
    chatRooms: Object.fromEntries(
      rooms.map(([name, room]) => [name, parseRoomStats(`chatRooms.${name}`, room)]),
    ),
    blackList: {},
    decisions,
  };
}

/** Moves a history on by one: by the number that came, or by its last one once more. */
function push(entries: number[], next: unknown, where: string, check: Check): void {
  entries.push(next === undefined ? (entries.at(-1) ?? 0) : check(where, next));
  entries.shift();
}

/** Only these keys, each at most once. */
function onlyKeys(where: string, value: Record<string, unknown>, keys: readonly string[]): void {
  const unknown = Object.keys(value).filter((key) => !keys.includes(key));
  if (unknown.length > 0) fail(where, unknown, `one of ${keys.join()}`);
}

function applyToServer({ server, state }: ServerStats, change: Record<string, unknown>): void {
  const where = `change of ${server.id}`;
  const numbers = { clients: count, socketWrites: count, timeouts: decimal };
  const more = { fanouts: count, busy: decimal, flushes: count };
  const checks = Object.entries({ ...numbers, ...more });
  onlyKeys(where, change, [...checks.map(([name]) => name), 'chatRooms', 'memory', 'status']);
  for (const [name, check] of checks) {
    const entries = state[name as keyof typeof numbers | keyof typeof more];
    push(entries, change[name], `${where}.${name}`, check);
  }
  const rooms = counts(where, change['chatRooms'] ?? {});
  for (const [name, viewers] of Object.entries(rooms)) {
    if (viewers === 0) delete state.chatRooms[name];
    else state.chatRooms[name] = viewers;
  }
  const memory = counts(where, change['memory'] ?? {});
  onlyKeys(`${where}.memory`, memory, memoryFields);
  Object.assign(state.memory, memory);
  if (change['status'] !== undefined) state.status = text(where, change['status']);
}

function applyToRoom(name: string, room: RoomStats, change: Record<string, unknown>): void {
  const where = `change of ${name}`;
  const fields = ['clients', 'cumulativeMessages', 'cumulativeSocketWrites'] as const;
  onlyKeys(where, change, fields);
  for (const field of fields) push(room[field], change[field], `${where}.${field}`, count);
}

function changedServers(stats: RedisStats, value: unknown): ServerStats[] {
  const changes = new Map<string, Record<string, unknown>>();
  const fresh: ServerStats[] = [];
  for (const entry of list('socketServers', value)) {
    const change = record('socketServers', entry);
    if (change['server'] !== undefined) {
      fresh.push(parseServerStats('new server', change));
      continue;
    }
    const { id, state } = exactly('change', change, ['id', 'state']);
    changes.set(text('id', id), record('state', state));
  }
  const replaced = new Set(fresh.map(({ server }) => server.id));
  const kept = stats.socketServers.filter(({ server }) => !replaced.has(server.id));
  for (const known of kept) applyToServer(known, changes.get(known.server.id) ?? {});
  const ids = new Set(kept.map(({ server }) => server.id));
  for (const id of changes.keys()) if (!ids.has(id)) fail('change', id, 'of a known server');
  return [...kept, ...fresh];
}

function changedRooms(stats: RedisStats, value: unknown): Record<string, RoomStats> {
  const changes = record('chatRooms', value);
  const rooms = { ...stats.chatRooms };
  for (const [name, room] of Object.entries(rooms)) {
    // A room may be called as something that every object has.
    const change = record(name, Object.hasOwn(changes, name) ? changes[name] : {});
    if (!Array.isArray(change['clients'])) applyToRoom(name, room, change);
  }
  for (const [name, change] of Object.entries(changes)) {
    if (Array.isArray(record(name, change)['clients'])) rooms[name] = parseRoomStats(name, change);
    else if (!Object.hasOwn(rooms, name)) fail('change', name, 'of a known room');
  }
  return rooms;
}

/** The state after a `change` event. Those who are gone in it are taken out first. */
export function applyChange(stats: RedisStats, value: unknown): RedisStats {
  const keys = ['at', 'socketServers', 'chatRooms', 'gone', 'decisions', 'balancer'];
  const change = exactly('change', value, keys);
  count('at', change['at']);
  const gone = exactly('gone', change['gone'], ['socketServers', 'chatRooms']);
  const goneServers = new Set(list('gone', gone['socketServers']));
  const goneRooms = new Set(list('gone', gone['chatRooms']));
  const rest: RedisStats = {
    ...stats,
    socketServers: stats.socketServers.filter(({ server }) => !goneServers.has(server.id)),
    chatRooms: Object.fromEntries(
      Object.entries(stats.chatRooms).filter(([name]) => !goneRooms.has(name)),
    ),
  };
  const decisions = [...stats.decisions, ...parseDecisions('decisions', change['decisions'])];
  return {
    socketServers: changedServers(rest, change['socketServers']),
    chatRooms: changedRooms(rest, change['chatRooms']),
    blackList: {},
    decisions: decisions.slice(-decisionsMax),
  };
}
