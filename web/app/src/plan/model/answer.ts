// What GET /plan answers: docs/http.md.
import * as wire from '../../shared/wire.ts';

export type Limit = 'deliveries' | 'writes' | 'redis';

export interface Step {
  readonly scale: number;
  readonly users: number;
  readonly rooms: number;
  readonly largestRoom: { readonly viewers: number; readonly messagesPerS: number };
  readonly messagesPerS: number;
  readonly deliveriesPerS: number;
  readonly kernelWritesPerS: number;
  readonly redis: { readonly callsPerS: number; readonly load: number };
  readonly egress: {
    readonly plain: number;
    readonly coalesced: number;
    readonly deflated: number;
  };
  readonly memory: { readonly servers: number; readonly redis: number };
  readonly servers: {
    readonly needed: number;
    readonly byDeliveries: number;
    readonly byWrites: number;
  };
  readonly firstLimit: Limit;
}

export interface Answer {
  readonly size: number;
  readonly flushIntervalMaxS: number;
  readonly plainBytes: number;
  readonly serverDeliveriesPerS: number;
  readonly serverWritesPerS: number;
  readonly steps: readonly Step[];
}

function limit(value: unknown): Limit {
  if (value === 'deliveries' || value === 'writes' || value === 'redis') return value;
  throw new wire.WireError('first_limit');
}

function of(from: wire.Fields, name: string): number {
  return wire.number(from[name], name);
}

function parseStep(value: unknown): Step {
  const step = wire.fields(value, 'a step of the plan');
  const inner = (name: string): wire.Fields => wire.fields(step[name], name);
  const [room, redis, egress] = [
    inner('largest_room'),
    inner('redis'),
    inner('egress_bytes_per_s'),
  ];
  const [memory, servers] = [inner('memory_bytes'), inner('servers')];
  return {
    scale: of(step, 'scale'),
    users: of(step, 'users'),
    rooms: of(step, 'rooms'),
    largestRoom: { viewers: of(room, 'viewers'), messagesPerS: of(room, 'messages_per_s') },
    messagesPerS: of(step, 'messages_per_s'),
    deliveriesPerS: of(step, 'deliveries_per_s'),
    kernelWritesPerS: of(step, 'kernel_writes_per_s'),
    redis: { callsPerS: of(redis, 'calls_per_s'), load: of(redis, 'load') },
    egress: {
      plain: of(egress, 'plain'),
      coalesced: of(egress, 'coalesced'),
      deflated: of(egress, 'deflated'),
    },
    memory: { servers: of(memory, 'servers'), redis: of(memory, 'redis') },
    servers: {
      needed: of(servers, 'needed'),
      byDeliveries: of(servers, 'by_deliveries'),
      byWrites: of(servers, 'by_writes'),
    },
    firstLimit: limit(step['first_limit']),
  };
}

/** Throws a WireError for what is not as documented. */
export function parseAnswer(value: unknown): Answer {
  const answer = wire.fields(value, 'a plan');
  const input = wire.fields(answer['input'], 'input');
  const assumed = wire.fields(answer['assumed'], 'assumed');
  return {
    size: of(input, 'size'),
    flushIntervalMaxS: of(input, 'flush_interval_max_s'),
    plainBytes: of(assumed, 'plain_bytes'),
    serverDeliveriesPerS: of(assumed, 'server_deliveries_per_s'),
    serverWritesPerS: of(assumed, 'server_writes_per_s'),
    steps: wire.list(answer['plan'], 'plan').map(parseStep),
  };
}
