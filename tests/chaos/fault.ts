// The kinds of faults, and one of a kind drawn by chance. Only what is to be done, and to whom:
// `storm.ts` does it.
import type { Setup } from './plan.ts';
import type { Random } from './random.ts';

/** Which direction of a proxied connection is meant: towards the server (or Redis), or back. */
export type Side = 'up' | 'down' | 'both';

export type RedisData = 'kept' | 'cut' | 'lost';

export type Fault =
  /** kill -9; another process takes the slot later, perhaps under the same id. */
  | {
      readonly kind: 'server-kill';
      readonly slot: number;
      readonly downMs: number;
      readonly sameId: boolean;
    }
  | { readonly kind: 'server-term'; readonly slot: number; readonly downMs: number }
  | { readonly kind: 'server-drain'; readonly slot: number; readonly downMs: number }
  | { readonly kind: 'server-freeze'; readonly slot: number; readonly forMs: number }
  /** `to` undefined: whoever is told asks the balancer. */
  | {
      readonly kind: 'redistribute';
      readonly slot: number;
      readonly n: number;
      readonly to: number | undefined;
    }
  /** kill -9. `cut`: what was written in its last second is missing. */
  | { readonly kind: 'redis-restart'; readonly data: RedisData; readonly downMs: number }
  | { readonly kind: 'redis-freeze'; readonly forMs: number }
  | { readonly kind: 'redis-pause'; readonly forMs: number; readonly mode: 'ALL' | 'WRITE' }
  /** CLIENT KILL of servers' connections: all, or only one sort. */
  | { readonly kind: 'redis-kick'; readonly who: 'all' | 'commands' | 'reader' | 'subscriber' }
  | { readonly kind: 'redis-forget-scripts' }
  /** The room's meta is gone, as if Redis had evicted it; `log`: its log, too. */
  | { readonly kind: 'room-evicted'; readonly room: number; readonly log: boolean }
  /** The replica stands still for `lagMs`, then the master is killed. */
  | { readonly kind: 'failover'; readonly lagMs: number }
  | { readonly kind: 'viewer-reset'; readonly slot: number }
  | {
      readonly kind: 'viewer-stall';
      readonly slot: number;
      readonly forMs: number;
      readonly side: Side;
    }
  | { readonly kind: 'viewer-trickle'; readonly slot: number; readonly forMs: number }
  | { readonly kind: 'link-reset'; readonly slot: number }
  | {
      readonly kind: 'link-stall';
      readonly slot: number;
      readonly forMs: number;
      readonly side: Side;
    }
  | { readonly kind: 'link-trickle'; readonly slot: number; readonly forMs: number }
  /** So many viewers lose their connection and come back, wherever. */
  | { readonly kind: 'fan-hop'; readonly fans: number }
  /** One viewer does not read for a while. */
  | { readonly kind: 'fan-sleep'; readonly fan: number; readonly forMs: number }
  | { readonly kind: 'balancer-kill'; readonly downMs: number };

export type Kind = Fault['kind'];

const always: readonly Kind[] = [
  'server-kill',
  'server-kill',
  'server-term',
  'server-drain',
  'server-freeze',
  'redistribute',
  'redistribute',
  'redis-freeze',
  'redis-pause',
  'redis-kick',
  'redis-forget-scripts',
  'room-evicted',
  'viewer-reset',
  'viewer-stall',
  'viewer-trickle',
  'fan-hop',
  'fan-hop',
  'fan-hop',
  'fan-sleep',
];

/** Those that the setup allows, the ones that find most more than once. */
export function kindsFor(setup: Setup): readonly Kind[] {
  const link: Kind[] = ['link-reset', 'link-stall', 'link-stall', 'link-stall', 'link-trickle'];
  const restarts: Kind[] = ['redis-restart', 'redis-restart', 'redis-restart'];
  // Sentinel takes a master that does not answer for one that is gone.
  const freezes = new Set<Kind>(['redis-freeze', 'redis-pause']);
  return [
    ...always.filter((kind) => !setup.sentinel || !freezes.has(kind)),
    ...(setup.link === 'proxy' ? link : []),
    ...(setup.balancer ? (['balancer-kill'] as const) : []),
    // A master that was failed over from is not started again: it would only be a replica.
    ...(setup.sentinel ? (['failover', 'failover', 'failover'] as const) : restarts),
  ];
}

const sides: readonly Side[] = ['up', 'down', 'both'];

export function faultOf(kind: Kind, setup: Setup, random: Random): Fault {
  const slot = random.between(0, setup.servers - 1);
  const downMs = random.between(0, 1200);
  const forMs = random.between(200, 2500);
  const fans = setup.rooms.reduce((sum, room) => sum + room.fans.length, 0);
  switch (kind) {
    case 'server-kill':
      return { kind, slot, downMs, sameId: random.chance(0.3) };
    case 'server-term':
    case 'server-drain':
      return { kind, slot, downMs };
    case 'redistribute': {
      const to = random.between(0, setup.servers - 1);
      const isElsewhere = to !== slot && random.chance(0.7);
      return { kind, slot, n: random.between(1, fans), to: isElsewhere ? to : undefined };
    }
    case 'redis-restart': {
      const data = random.pick(['kept', 'kept', 'cut', 'lost'] as const);
      return { kind, data: setup.persistence === 'none' ? 'lost' : data, downMs };
    }
    case 'redis-pause':
      return { kind, forMs, mode: random.pick(['ALL', 'WRITE'] as const) };
    case 'redis-kick':
      return { kind, who: random.pick(['all', 'commands', 'reader', 'subscriber'] as const) };
    case 'redis-forget-scripts':
      return { kind };
    case 'room-evicted':
      return { kind, room: random.between(0, setup.rooms.length - 1), log: random.chance(0.5) };
    case 'failover':
      return { kind, lagMs: random.between(0, 1000) };
    case 'viewer-reset':
    case 'link-reset':
      return { kind, slot };
    case 'viewer-stall':
    case 'link-stall':
      return { kind, slot, forMs, side: random.pick(sides) };
    case 'server-freeze':
    case 'viewer-trickle':
    case 'link-trickle':
      return { kind, slot, forMs };
    case 'fan-hop':
      return { kind, fans: random.between(1, fans) };
    case 'fan-sleep':
      return { kind, fan: random.between(0, fans - 1), forMs };
    case 'redis-freeze':
      return { kind, forMs };
    case 'balancer-kill':
      return { kind, downMs };
  }
}

/** For people: `redis-restart(cut)`. */
export function nameOf(fault: Fault): string {
  switch (fault.kind) {
    case 'redis-restart':
      return `${fault.kind}(${fault.data})`;
    case 'redis-kick':
      return `${fault.kind}(${fault.who})`;
    case 'viewer-stall':
    case 'link-stall':
      return `${fault.kind}(${fault.side})`;
    case 'server-kill':
      return fault.sameId ? `${fault.kind}(same id)` : fault.kind;
    default:
      return fault.kind;
  }
}
