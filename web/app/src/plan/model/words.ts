// A plan in words and rows, as `spillway plan` has them.
import { bytes } from '../../monitor/model/units.ts';
import type { Answer, Step } from './answer.ts';

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** 0.33, 999.5, 12,345, 4.56 million */
export function countText(value: number): string {
  if (value === 0) return '0';
  if (value < 0.005) return '< 0.01';
  if (value < 999.995) return value.toFixed(2).replace(/\.00$/, '');
  if (value < 999_999.5) return grouped.format(value);
  return scaled(value / 1e6, 1000, ['million', 'billion', 'trillion']);
}

export function bitsText(bytesPerS: number): string {
  return scaled(bytesPerS * 8, 1000, ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s', 'Pbit/s']);
}

export function shareText(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.05) return '< 0.1 %';
  return `${percent < 9.95 ? percent.toFixed(1) : grouped.format(percent)} %`;
}

function scaled(value: number, step: number, units: readonly string[]): string {
  let [rest, unit] = [value, 0];
  while (unit + 1 < units.length && rest >= step * 0.9995) {
    rest /= step;
    unit += 1;
  }
  const decimals = rest < 9.995 ? 2 : rest < 99.95 ? 1 : 0;
  return `${rest < 10_000 ? rest.toFixed(decimals) : grouped.format(rest)} ${units[unit] ?? ''}`;
}

export function serversText(count: number): string {
  return count <= 1 ? '1 server' : `${countText(count)} servers`;
}

export interface Row {
  readonly label: string;
  /** It says more of the row above it. */
  readonly inner?: boolean;
  readonly cell: (step: Step) => string;
}

export const rows: readonly Row[] = [
  { label: 'Servers needed', cell: ({ servers }) => countText(servers.needed) },
  { label: 'Users', cell: ({ users }) => countText(users) },
  { label: 'in the largest room', inner: true, cell: (s) => countText(s.largestRoom.viewers) },
  { label: 'Messages', cell: (s) => `${countText(s.messagesPerS)}/s` },
  {
    label: 'in the largest room',
    inner: true,
    cell: (s) => `${countText(s.largestRoom.messagesPerS)}/s`,
  },
  { label: 'Deliveries', cell: (s) => `${countText(s.deliveriesPerS)}/s` },
  { label: 'Kernel writes', cell: (s) => `${countText(s.kernelWritesPerS)}/s` },
  { label: 'Redis calls, at most', cell: ({ redis }) => `${countText(redis.callsPerS)}/s` },
  { label: 'of what one Redis can do', inner: true, cell: ({ redis }) => shareText(redis.load) },
  { label: 'Egress, plain', cell: ({ egress }) => bitsText(egress.plain) },
  { label: 'coalesced', inner: true, cell: ({ egress }) => bitsText(egress.coalesced) },
  { label: 'deflated', inner: true, cell: ({ egress }) => bitsText(egress.deflated) },
  { label: 'Memory of the servers', cell: ({ memory }) => bytes(memory.servers) },
  { label: 'Memory of Redis', cell: ({ memory }) => bytes(memory.redis) },
];

/** How many servers it takes for one of the two, or what share of one. */
function filled(byIt: number): string {
  return byIt <= 1 ? `${shareText(byIt)} of a server` : serversText(Math.ceil(byIt));
}

function limitText({ servers, redis, firstLimit }: Step): string {
  const writes = filled(servers.byWrites);
  const deliveries = filled(servers.byDeliveries);
  const load = shareText(redis.load);
  switch (firstLimit) {
    case 'writes':
      return `kernel writes: ${writes}; deliveries alone fill ${deliveries}, Redis is at ${load} at most`;
    case 'deliveries':
      return `deliveries: ${deliveries}; kernel writes alone fill ${writes}, Redis is at ${load} at most`;
    case 'redis':
      return `Redis, at up to ${load} of what the one Redis of a fleet can do; kernel writes fill ${writes}, deliveries ${deliveries}`;
  }
}

/** What becomes of it when as many times the users come. */
export function growth(step: Step, now: Step): string {
  const factor = now.deliveriesPerS > 0 ? step.deliveriesPerS / now.deliveriesPerS : 0;
  return `${countText(factor)} times the deliveries, on ${serversText(step.servers.needed)}, with ${bitsText(step.egress.plain)} of plain egress. The first limit is ${limitText(step)}.`;
}

export function limitNow(step: Step): string {
  return `The first limit is ${limitText(step)}.`;
}

export function assumed(answer: Answer): string {
  return (
    `${answer.size} bytes of text a message, ${answer.plainBytes} on the wire without TCP and IP headers; ` +
    `a server sustains ${countText(answer.serverDeliveriesPerS)} deliveries/s and ` +
    `${countText(answer.serverWritesPerS)} kernel writes/s, and lets no viewer wait longer than ` +
    `${countText(answer.flushIntervalMaxS * 1000)} ms for a fuller write.`
  );
}
