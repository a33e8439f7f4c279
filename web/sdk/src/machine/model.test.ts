// Chance against the promises: a fleet that keeps the protocol moves its viewers, loses their
// connections, dies and comes back, and no message is lost or seen twice.
import { describe, expect, test } from 'vitest';
import { RecentIds } from '../recent_ids.ts';
import { Clock, seeded } from '../testing/clock.ts';
import { Fleet } from '../testing/fleet.ts';
import { SimulatedViewer } from '../testing/simulated_viewer.ts';

const storms = 60; // seconds of them
const calmMs = 200_000; // the longest of waits several times over

interface Plan {
  readonly history: number;
  /** Whether Redis is replaced now and then. */
  readonly epochs: boolean;
}

class World {
  readonly clock = new Clock();
  readonly random: () => number;
  readonly fleet: Fleet;
  readonly viewers: SimulatedViewer[];
  #lines = 0;

  constructor(seed: number, { history }: Plan) {
    this.random = seeded(seed);
    this.fleet = new Fleet(this.clock, this.random, 3, history);
    this.viewers = Array.from(
      { length: 3 },
      () => new SimulatedViewer(this.fleet, this.clock, this.random),
    );
  }

  until(ms: number): void {
    while (this.clock.advance(ms));
    this.clock.now = ms;
  }

  #any<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.random() * list.length)];
  }

  storm(epochs: boolean): void {
    this.fleet.chances = { refuse: 0.1, loseAck: 0.05 };
    const end = this.clock.now + storms * 1000;
    while (this.clock.now < end) {
      this.until(this.clock.now + this.random() * 100);
      this.#mishap(epochs);
    }
  }

  #mishap(epochs: boolean): void {
    const dice = this.random();
    const viewer = this.#any(this.viewers);
    const connection = viewer?.main;
    this.#lines += 1;
    if (dice < 0.35) viewer?.send(`own-${this.#lines}`);
    else if (dice < 0.7) this.fleet.publish(`other-${this.#lines}`);
    else if (dice < 0.73) for (let i = 0; i < 20; i += 1) this.fleet.publish(`${this.#lines}-${i}`);
    else if (dice < 0.8 && connection !== undefined) this.fleet.cut(connection);
    else if (dice < 0.82 && connection !== undefined) this.fleet.deafen(connection);
    else if (dice < 0.84 && connection !== undefined) this.fleet.close(connection, 4001);
    else if (dice < 0.93 && connection !== undefined) {
      const target = this.#any([...this.fleet.servers, undefined]);
      this.fleet.redistribute(connection, target?.url, this.random() * 300);
    } else if (dice < 0.96) this.#killOrStart();
    else if (dice < 0.965 && epochs) this.fleet.renewEpoch();
  }

  #killOrStart(): void {
    const server = this.#any(this.fleet.servers);
    if (server === undefined) return;
    if (server.isUp) this.fleet.kill(server);
    else server.isUp = true;
  }

  /** Everything works again, for long enough that everybody comes back and hears of it. */
  calm(): void {
    this.fleet.chances = { refuse: 0, loseAck: 0 };
    for (const server of this.fleet.servers) server.isUp = true;
    const end = this.clock.now + calmMs;
    while (this.clock.now < end) {
      this.until(this.clock.now + 20_000);
      this.fleet.catchUp();
      this.fleet.beat(3);
    }
    this.until(this.clock.now + 1000);
  }
}

function run(seed: number, plan: Plan): World {
  const world = new World(seed, plan);
  world.until(500);
  world.storm(plan.epochs);
  world.calm();
  expect(world.fleet.violations).toEqual([]);
  return world;
}

function firstOf(list: readonly string[]): string[] {
  return [...new Set(list)];
}

/** Every line was taken once, in the order in which it was said. */
function expectLinesKept({ fleet, viewers }: World): void {
  const logged = firstOf(fleet.log.map(({ id }) => id));
  for (const viewer of viewers) {
    expect(viewer.resolved).toEqual(viewer.sent);
    expect(viewer.rejected).toEqual([]);
    const own = new Set(viewer.sent);
    expect(logged.filter((id) => own.has(id))).toEqual(viewer.sent);
  }
}

/** Every seq from the first on was delivered or told to be lost, once, in order. */
function expectAllAccountedFor({ fleet, viewers }: World): void {
  for (const viewer of viewers) {
    expect(viewer.position?.seq).toBe(fleet.head);
    expect(viewer.unknownLosses).toBe(0);
    const told = viewer.skipped.flatMap(({ from, to }) =>
      Array.from({ length: to - from + 1 }, (_, i) => from + i),
    );
    const first = Math.min(viewer.firstSeq ?? 1, ...told);
    const all = Array.from({ length: fleet.head - first + 1 }, (_, i) => first + i);
    expect([...viewer.seqs, ...told].toSorted((a, b) => a - b)).toEqual(all);
    expect(viewer.seqs).toEqual(viewer.seqs.toSorted((a, b) => a - b));
  }
}

const seeds = Array.from({ length: 15 }, (_, i) => i + 1);
// One that nobody has tried; the name of the test says which it was.
seeds.push(Math.floor(Math.random() * 2 ** 31));

describe('with all of the history', () => {
  const plan = { history: Infinity, epochs: true };

  test.each(seeds)('seed %i: nothing is lost, nothing comes twice', (seed) => {
    const world = run(seed, plan);
    expectLinesKept(world);
    expectAllAccountedFor(world);
    const recent = new RecentIds();
    const shown = world.fleet.log.map(({ id }) => id).filter((id) => recent.isNew(id));
    for (const viewer of world.viewers) {
      expect(viewer.skipped).toEqual([]);
      expect(viewer.ids).toEqual(shown);
    }
  });
});

describe('with a history of 40 messages', () => {
  test.each(seeds)('seed %i: what is lost is told, nothing comes twice', (seed) => {
    const world = run(seed, { history: 40, epochs: false });
    expect(world.viewers.some(({ skipped }) => skipped.length > 0)).toBe(true);
    expectLinesKept(world);
    expectAllAccountedFor(world);
  });
});

test('the storms are storms', () => {
  const worlds = seeds.slice(0, 10).map((seed) => run(seed, { history: 40, epochs: true }));
  const viewers = worlds.flatMap((world) => world.viewers);
  expect(viewers.reduce((sum, { handovers }) => sum + handovers, 0)).toBeGreaterThan(50);
  expect(viewers.filter(({ skipped }) => skipped.length > 0).length).toBeGreaterThan(5);
  const repeats = worlds.map(
    ({ fleet }) => fleet.log.length - firstOf(fleet.log.map((l) => l.id)).length,
  );
  expect(Math.max(...repeats)).toBeGreaterThan(0);
});
