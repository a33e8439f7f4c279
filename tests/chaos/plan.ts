// What a round will be: who is there, what they say how fast, and which faults come when. All of it
// follows from the seed.
import { faultOf, kindsFor, type Fault } from './fault.ts';
import { Random } from './random.ts';

export interface Setup {
  readonly servers: number;
  /** Event loops of each server. */
  readonly threads: number;
  readonly io: 'auto' | 'send';
  /** How the servers reach Redis: only a proxy can stall. */
  readonly link: 'socket' | 'proxy';
  /** `whole`: Redis has every write on disk before it answers. */
  readonly persistence: 'whole' | 'none';
  /** A Redis with a replica and a Sentinel, which the servers are given. */
  readonly sentinel: boolean;
  readonly balancer: boolean;
  readonly historyMessages: number;
  /** Of the servers' --history-window. Longer than a round: nothing leaves the history. */
  readonly historyWindowMs: number;
  readonly rooms: readonly RoomPlan[];
}

export interface RoomPlan {
  readonly name: string;
  readonly fans: readonly FanPlan[];
}

export interface FanPlan {
  readonly name: string;
  /** Asks for `spillway.batch.v1`. */
  readonly batch: boolean;
  /** Between two lines on average; 0: only reads. */
  readonly intervalMs: number;
  readonly textBytes: number;
  /** Goes to another room now and then, on the same connection. */
  readonly wanders: boolean;
  /** Is an instance of our SDK. */
  readonly sdk: boolean;
}

export interface Timed {
  readonly atMs: number;
  readonly fault: Fault;
}

export interface Plan {
  readonly seed: number;
  readonly setup: Setup;
  /** By time. */
  readonly faults: readonly Timed[];
  /** From the first line to the end of the last fault that is planned. */
  readonly stormMs: number;
}

export interface PlanOptions {
  /** Also rounds with fail-over by Sentinel. */
  readonly sentinel: boolean;
}

const stormMs = 5000;
const firstFaultMs = 300;
const clusterMs = 1800;
const clusterSpreadMs = 600;
const sdkShare = 0.35;
const ampleHistory = { historyMessages: 200, historyWindowMs: 60_000 };

function fanOf(room: string, index: number, talkers: number, random: Random): FanPlan {
  return {
    name: `${room}-${index}`,
    batch: random.chance(0.5),
    intervalMs: index < talkers ? random.between(25, 150) : 0,
    // Mostly short lines; some so long that one is a flush of its own.
    textBytes: random.chance(0.2) ? random.between(500, 1800) : random.between(8, 80),
    // Not the first: somebody has to be there at the end.
    wanders: index > 0 && random.chance(0.2),
    sdk: false,
  };
}

/**
 * Some are the SDK, in every round one who talks, but never all. Who wanders is not: a room of the SDK
 * is one room. Drawn after all the rest, so that seeds from before there was this mean the same faults.
 */
function withSdk(setup: Setup, random: Random): Setup {
  const chosen = random.between(0, setup.rooms.length - 1);
  const rooms = setup.rooms.map((room, at) => {
    const fans = room.fans.map((fan, index) => {
      const isDrawn = random.chance(sdkShare);
      const isMeant = at === chosen && index < 2 ? index === 0 : isDrawn;
      return { ...fan, sdk: isMeant && !fan.wanders };
    });
    return { ...room, fans };
  });
  return { ...setup, rooms };
}

function roomOf(name: string, random: Random): RoomPlan {
  const fans = random.between(3, 6);
  const talkers = random.between(1, 3);
  return {
    name,
    fans: Array.from({ length: fans }, (_, index) => fanOf(name, index, talkers, random)),
  };
}

function setupOf(random: Random, options: PlanOptions): Setup {
  const sentinel = options.sentinel && random.chance(0.5);
  const rooms = random.between(1, 3);
  return {
    servers: random.between(2, 3),
    threads: random.pick([1, 1, 2]),
    io: random.pick(['auto', 'send'] as const),
    link: !sentinel && random.chance(0.6) ? 'proxy' : 'socket',
    persistence: random.chance(0.7) ? 'whole' : 'none',
    sentinel,
    balancer: random.chance(0.4),
    ...(random.chance(0.75)
      ? ampleHistory
      : { historyMessages: random.between(10, 40), historyWindowMs: 500 }),
    rooms: Array.from({ length: rooms }, (_, index) => roomOf(`room ${index}`, random)),
  };
}

/** Half of them at once or nearly: a fault alone was thought of, two in the same moment rarely. */
function whenOf(random: Random): number {
  if (random.chance(0.5)) return random.between(firstFaultMs, stormMs - 1000);
  return clusterMs + random.between(0, clusterSpreadMs);
}

export function planOf(seed: number, options: PlanOptions): Plan {
  const random = new Random(seed);
  const setup = setupOf(random.fork(), options);
  const draw = random.fork();
  const kinds = kindsFor(setup);
  const faults = Array.from({ length: draw.between(3, 8) }, () => draw.pick(kinds)).map((kind) =>
    faultOf(kind, setup, draw),
  );
  const timed = faults.map((fault) => ({ atMs: whenOf(draw), fault }));
  return {
    seed,
    setup: withSdk(setup, random.fork()),
    faults: timed.toSorted((a, b) => a.atMs - b.atMs),
    stormMs,
  };
}
