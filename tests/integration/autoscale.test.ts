// The fleet follows its load, and no viewer notices: real servers, thresholds low enough for a test.
import { expect } from 'vitest';
import type { Balancer } from './harness/balancer.ts';
import type { Flags } from './harness/binary.ts';
import {
  decisionsOf,
  fleetOf,
  killServer,
  whats,
  type Decision,
  type FleetState,
} from './harness/fleet.ts';
import type { Follower } from './harness/follower.ts';
import { test, type Stage } from './harness/stage.ts';
import { eventually } from './harness/wait.ts';

const roomCount = 3;
const roomViewers = 10;
const fullDeliveries = 450; // a second: load 1
// Two servers cannot carry it, three can: 3 rooms x 10 viewers x 36 lines/s = 2.4 x that.
const busyLines = 108;
const quietLines = 6;

const flags: Flags = {
  'servers-max': 3,
  'server-port': 0,
  'server-rate-limit': 'off',
  'server-start-timeout': '30s',
  'spawn-writes': fullDeliveries,
  'spawn-busy': 1, // a sanitizer makes loops busy; the load is to be counted in deliveries
  'spawn-window': '1s',
  'spawn-pause': '2s',
  'redistribute-window': '1s',
  'redistribute-lag-ms': 60_000,
  'redistribute-share': 0.15,
  'shrink-after': '2s',
};

/** Says so many lines a second, each by the next of the followers, until it is stopped. */
class Crowd {
  readonly said = new Map<string, string[]>();
  linesPerSecond = busyLines;
  readonly #followers: readonly { room: string; follower: Follower }[];
  readonly #timer: NodeJS.Timeout;
  #count = 0;
  #due = 0;
  #lookedAt = performance.now();

  constructor(followers: readonly { room: string; follower: Follower }[]) {
    this.#followers = followers;
    this.#timer = setInterval(() => this.#speak(), 20);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #speak(): void {
    const now = performance.now();
    this.#due += ((now - this.#lookedAt) / 1000) * this.linesPerSecond;
    this.#lookedAt = now;
    for (; this.#due >= 1; this.#due -= 1) {
      const speaker = this.#followers[this.#count % this.#followers.length];
      if (speaker === undefined) return;
      const line = `line ${(this.#count += 1)}`;
      this.said.set(speaker.room, [...(this.said.get(speaker.room) ?? []), line]);
      speaker.follower.say(line);
    }
  }
}

async function crowd(stage: Stage, up: Balancer) {
  const rooms = Array.from({ length: roomViewers }, () =>
    Array.from({ length: roomCount }, (_, room) => `room-${room}`),
  ).flat();
  const pick = async (): Promise<string> => (await up.provision()).url;
  const followers = await Promise.all(
    rooms.map(async (room) => ({ room, follower: await stage.follower({ room, pick }) })),
  );
  const talking = new Crowd(followers);
  stage.onEnd(() => talking.stop());
  return { followers, talking };
}

async function fleetWhen(
  up: Balancer,
  accept: (fleet: FleetState) => boolean,
  limitMs: number,
): Promise<FleetState> {
  const fleet = await eventually(
    () => fleetOf(up),
    (answer) => answer !== undefined && accept(answer),
    limitMs,
  );
  if (fleet === undefined) throw new Error('unreachable: just waited for it');
  return fleet;
}

/** The id that a sentence names first. */
function serverOf({ why }: Decision): string {
  return /[0-9a-f-]{36}/.exec(why)?.[0] ?? '';
}

function countOf(decisions: readonly Decision[], what: string): number {
  return whats(decisions).filter((other) => other === what).length;
}

function isBusy({ servers, decisions }: FleetState): boolean {
  return (
    servers.length === 3 &&
    servers.every(({ viewers }) => viewers > 0) &&
    decisions.at(-1)?.what === 'redistribute'
  );
}

/** What was decided while the load went from nothing to more than two servers can carry. */
function checkGrowth(decisions: readonly Decision[], firstServer: string): void {
  expect(new Set(whats(decisions))).toEqual(new Set(['heal', 'spawn', 'redistribute']));
  expect(whats(decisions).slice(0, 3)).toEqual(['heal', 'spawn', 'redistribute']);
  const [heal, ...later] = decisions;
  expect(heal?.numbers).toMatchObject({ present: 0, servers_min: 1, load: 0 });
  const spawns = later.filter(({ what }) => what === 'spawn');
  expect(spawns).toHaveLength(2);
  for (const spawn of spawns) {
    expect(spawn.numbers['load']).toBeGreaterThan(1);
    expect(spawn.numbers['above']).toBe(1);
  }
  expect(later.map(serverOf).slice(0, 2)).toEqual([firstServer, firstServer]);
  const moves = later.filter(({ what }) => what === 'redistribute');
  for (const move of moves) {
    expect(move.numbers['load']).toBeGreaterThan(1.15);
    expect(move.numbers['viewers']).toBeGreaterThanOrEqual(1);
    expect(move.numbers['viewers']).toBeLessThanOrEqual(Math.ceil(roomCount * roomViewers * 0.15));
    expect(move.numbers['targets']).toBeGreaterThanOrEqual(1);
  }
  const times = decisions.map(({ at }) => at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
}

/** Everybody saw what was said in the room: all of it, once, in one order. */
async function checkLines(
  followers: readonly { room: string; follower: Follower }[],
  said: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const first = new Map<string, readonly (readonly [number, string])[]>();
  for (const { room, follower } of followers) {
    const lines = said.get(room) ?? [];
    await follower.until(
      () => follower.unanswered === 0 && follower.lines.length >= lines.length,
      20_000,
    );
    const seen = follower.lines.map(({ seq, message }) => [seq, message] as const);
    expect(seen.map(([, message]) => message).toSorted()).toEqual(lines.toSorted());
    expect(seen).toEqual(first.get(room) ?? seen);
    first.set(room, seen);
    expect(follower.unrecovered).toBe(0);
    expect(follower.violations).toEqual([]);
  }
}

test('it spawns, redistributes and shrinks with the load, heals after kill -9, and no line is lost', async ({
  stage,
}) => {
  const up = await stage.up(flags);
  await eventually(
    () => up.get('/servers/provision'),
    ({ status }) => status === 200,
  );
  const { id: firstServer } = await up.provision();
  const { followers, talking } = await crowd(stage, up);

  const busy = await fleetWhen(up, isBusy, 30_000);
  checkGrowth(busy.decisions, firstServer);
  const moved = followers.filter(({ follower }) => follower.redistributed > 0);
  expect(moved.length).toBeGreaterThan(0);
  for (const { follower } of moved) expect(follower.unrecovered).toBe(0);

  talking.linesPerSecond = quietLines;
  const quiet = await fleetWhen(up, ({ servers }) => servers.length === 1, 30_000);
  const grown = countOf(quiet.decisions, 'redistribute') + 3;
  expect(whats(quiet.decisions).slice(grown)).toEqual(['shrink', 'shrink']);
  for (const { numbers } of quiet.decisions.slice(grown)) {
    expect(numbers['load']).toBeLessThanOrEqual(1);
    expect(numbers['below']).toBe(0.5);
  }
  const [left] = quiet.servers;
  expect(quiet.decisions.slice(grown).map(serverOf)).not.toContain(left?.id);
  for (const { follower } of followers) await follower.until(() => follower.url === left?.url);

  killServer(left?.id ?? '');
  const healed = await fleetWhen(
    up,
    ({ servers }) => servers.length === 1 && servers[0]?.id !== left?.id,
    20_000,
  );
  expect(whats(healed.decisions)).toEqual([...whats(quiet.decisions), 'heal']);
  expect(healed.decisions.at(-1)?.numbers).toMatchObject({ present: 0, servers_min: 1 });
  for (const { follower } of followers) {
    await follower.until(() => follower.url === healed.servers[0]?.url);
  }
  talking.stop();
  await checkLines(followers, talking.said);
  expect(whats(await decisionsOf(up))).toEqual(whats(healed.decisions));
});
