// The results as Markdown tables, for the terminal and for docs/benchmarks.md alike.

/**
 * @typedef {{
 *   viewers: number; rooms: number; messages_per_s: number; text_bytes: number;
 *   duration_s: number; sent: number; acked: number; deliveries: number;
 *   deliveries_per_s: number; lost: number; duplicates: number; out_of_order: number;
 *   gaps: number; errors: number; closed: number; first_problem: string;
 *   latency_ms: { p50: number; p90: number; p99: number; p999: number; max: number };
 *   cpu_s: { load: number; server: number; redis: number };
 *   saturated: string; commit: string;
 *   machine: { cpu: string; cores: number; kernel: string };
 *   flags: string;
 * }} RoomResult
 * @typedef {{ viewers: number; rooms: number; rate: number; flags: string }} Workload
 * @typedef {{ inside: number; coming: number; rooms: number; rate: number; coming_s: number; lost: number;
 *   before: { p50: number; p99: number }; meanwhile: { p50: number; p99: number } }} BurstResult
 * @typedef {{ viewers: number; rooms: number; messages: number; bytes_per_viewer: number;
 *   idle_core: number; connect_s: number; resident_before: number; resident_after: number }} IdleResult
 * @typedef {{ uring: boolean; sockets: number; bytes: number; writes_per_s: number; writes_per_cpu_s: number;
 *   full: number }} CeilingResult
 * @typedef {{ name: string; ns: number; allocs: number }} MicroResult
 * @typedef {import('./wire.mjs').WireResult} WireResult
 * @typedef {{ command: string; commit: string; at: string; ceilings: CeilingResult[];
 *   idle: IdleResult[]; bursts: BurstResult[]; rooms: RoomResult[]; wire: WireResult[]; micro: MicroResult[] }} Results
 */

/** @param {number} value */
const whole = (value) => Math.round(value).toLocaleString('en-US');

/** @param {number} value */
const ms = (value) => (value < 10 ? value.toFixed(2) : value.toFixed(1));

/** @param {number} bytes */
const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** @param {number} share */
const percent = (share) => `${(share * 100).toFixed(1)} %`;

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
function table(head, rows) {
  const widths = head.map((title, i) =>
    Math.max(title.length, 3, ...rows.map((row) => (row[i] ?? '').length)),
  );
  /** @param {readonly string[]} cells */
  const line = (cells) => `| ${cells.map((c, i) => c.padStart(widths[i] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => `${'-'.repeat(width + 1)}:`).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** @param {RoomResult} room */
function faults(room) {
  const { lost, duplicates, gaps, errors, closed } = room;
  const unanswered = room.sent - room.acked - errors;
  const counts = { lost, duplicates, swapped: room.out_of_order, gaps, errors, unanswered, closed };
  const found = Object.entries(counts).filter(([, count]) => count > 0);
  return found.map(([name, count]) => `${name} ${count}`).join(', ') || '0';
}

/** @param {readonly RoomResult[]} rooms */
export function roomTable(rooms) {
  const head = [
    'viewers',
    'rooms',
    'messages/s',
    'flags',
    'p50 ms',
    'p99 ms',
    'p99.9 ms',
    'max ms',
    'deliveries/s',
  ];
  head.push('server CPU s', 'Redis CPU s', 'load CPU s', 'deliveries/CPU s');
  head.push('deliveries/CPU s of the load', 'lost or wrong', 'saturated');
  return table(
    head,
    rooms.map((room) => [
      whole(room.viewers),
      whole(room.rooms),
      whole(room.messages_per_s),
      room.flags,
      ...[room.latency_ms.p50, room.latency_ms.p99, room.latency_ms.p999].map(ms),
      ms(room.latency_ms.max),
      whole(room.deliveries_per_s),
      ...[room.cpu_s.server, room.cpu_s.redis, room.cpu_s.load].map((s) => s.toFixed(2)),
      whole((room.deliveries_per_s * room.duration_s) / room.cpu_s.server),
      whole((room.deliveries_per_s * room.duration_s) / room.cpu_s.load),
      faults(room),
      room.saturated,
    ]),
  );
}

/** @param {readonly IdleResult[]} idle */
export function idleTable(idle) {
  const head = [
    'viewers',
    'rooms',
    'messages a room',
    'bytes a viewer with its share of the rooms',
  ];
  head.push('server before', 'server after', 'core used', 'joins/s');
  return table(
    head,
    idle.map((row) => [
      whole(row.viewers),
      whole(row.rooms),
      whole(row.messages),
      whole(row.bytes_per_viewer),
      mib(row.resident_before),
      mib(row.resident_after),
      percent(row.idle_core),
      whole(row.viewers / row.connect_s),
    ]),
  );
}

/** @param {readonly BurstResult[]} bursts */
export function burstTable(bursts) {
  const head = ['inside', 'coming', 'into rooms', 'within s', 'messages/s', 'p50 before ms'];
  head.push('p99 before ms', 'p50 meanwhile ms', 'p99 meanwhile ms', 'lost');
  return table(
    head,
    bursts.map(({ before, meanwhile, ...burst }) => [
      whole(burst.inside),
      whole(burst.coming),
      burst.rooms === 1 ? 'the same' : whole(burst.rooms),
      burst.coming_s.toFixed(1),
      whole(burst.rate),
      ...[before.p50, before.p99, meanwhile.p50, meanwhile.p99].map(ms),
      whole(burst.lost),
    ]),
  );
}

/** @param {readonly WireResult[]} wire the plain form first */
export function wireTable(wire) {
  const plain = wire[0]?.bytes ?? 0;
  return table(
    ['form', 'messages', 'messages a WebSocket message', 'bytes a message', 'of plain'],
    wire.map((form) => [
      form.form,
      whole(form.messages),
      (form.messages / form.arrays).toFixed(1),
      (form.bytes / form.messages).toFixed(1),
      `1/${(plain / form.bytes).toFixed(1)}`,
    ]),
  );
}

/** @param {readonly CeilingResult[]} ceilings */
export function ceilingTable(ceilings) {
  return table(
    ['by', 'sockets', 'bytes a write', 'writes/s', 'writes/CPU s', 'found full'],
    ceilings.map((ceiling) => [
      ceiling.uring ? 'io_uring' : 'send',
      whole(ceiling.sockets),
      whole(ceiling.bytes),
      whole(ceiling.writes_per_s),
      whole(ceiling.writes_per_cpu_s),
      whole(ceiling.full),
    ]),
  );
}

/** @param {readonly MicroResult[]} micro */
export function microTable(micro) {
  return table(
    ['operation', 'ns', 'allocations'],
    micro.map(({ name, ns, allocs }) => [name, whole(ns), allocs.toFixed(2)]),
  );
}

/**
 * @typedef {{ what: string; provisions_per_s: number; core: number; p50_ms: number;
 *   p99_ms: number; max_ms: number; failed: number }} ProvisionResult
 * @typedef {{ listeners: number; servers: number; rooms: number; core: number;
 *   bytes_per_s: number; events_per_s: number }} StreamResult
 */

/** @param {readonly ProvisionResult[]} results */
export function provisionTable(results) {
  const head = ['provisions', 'a second', 'p50 ms', 'p99 ms', 'max ms', 'core used', 'failed'];
  return table(
    head,
    results.map((result) => [
      result.what,
      whole(result.provisions_per_s),
      ...[result.p50_ms, result.p99_ms, result.max_ms].map(ms),
      percent(result.core),
      whole(result.failed),
    ]),
  );
}

/** @param {readonly StreamResult[]} results */
export function streamTable(results) {
  return table(
    ['listeners', 'servers', 'rooms', 'core used', 'KiB/s a listener', 'events/s a listener'],
    results.map((result) => [
      whole(result.listeners),
      whole(result.servers),
      whole(result.rooms),
      percent(result.core),
      (result.bytes_per_s / 1024).toFixed(1),
      result.events_per_s.toFixed(2),
    ]),
  );
}

/**
 * @typedef {{ count: number; p50: number; p99: number; max: number }} Spread
 * @typedef {RoomResult & { catch_up_ms: Spread; reconnects: number; history_bytes: number;
 *   reads: number }} ReturnResult
 * @typedef {RoomResult & { pause_ms: Spread; redistributed: number }} HandoverResult
 * @typedef {{ batch: number; alone: boolean; servers: number; bare?: boolean; us_per_batch: number; us_per_message: number }} PublishCost
 */

/** @param {Spread} spread */
const spreadCells = ({ p50, p99, max }) => [p50, p99, max].map(ms);

/**
 * A lost connection is what this is about, and no fault.
 * @param {ReturnResult} result
 */
function faultsOfReturn(result) {
  return faults({ ...result, closed: 0, errors: 0, acked: result.sent });
}

/** @param {readonly ReturnResult[]} results */
export function returnTable(results) {
  const head = ['viewers', 'messages/s', 'history', 'came back', 'have all', 'p50 ms', 'p99 ms'];
  head.push('max ms', 'reads of Redis', 'lost or wrong', 'saturated');
  return table(
    head,
    results.map((result) => [
      whole(result.viewers),
      whole(result.messages_per_s),
      mib(result.history_bytes),
      whole(result.reconnects),
      whole(result.catch_up_ms.count),
      ...spreadCells(result.catch_up_ms),
      whole(result.reads),
      faultsOfReturn(result),
      result.saturated,
    ]),
  );
}

/** @param {readonly HandoverResult[]} results */
export function handoverTable(results) {
  const head = ['viewers', 'messages/s', 'handed over', 'pause p50 ms', 'p99 ms', 'max ms'];
  head.push('latency p50 ms', 'p99 ms', 'max ms', 'lost or wrong', 'saturated');
  return table(
    head,
    results.map((result) => [
      whole(result.viewers),
      whole(result.messages_per_s),
      whole(result.redistributed),
      ...spreadCells(result.pause_ms),
      ...[result.latency_ms.p50, result.latency_ms.p99, result.latency_ms.max].map(ms),
      faults(result),
      result.saturated,
    ]),
  );
}

/** @param {readonly PublishCost[]} costs */
export function publishTable(costs) {
  return table(
    ['messages a batch', 'said at', 'servers that get it', 'µs of Redis a batch', 'a message'],
    costs.map(({ batch, alone, servers, bare, us_per_batch, us_per_message }) => [
      whole(batch),
      bare === true ? 'a bare call' : alone ? 'one server' : 'several',
      whole(servers),
      us_per_batch.toFixed(1),
      us_per_message.toFixed(2),
    ]),
  );
}

/** @param {Results} results */
export function document(results) {
  const room = results.rooms[0];
  if (room === undefined) throw new Error('a benchmark has at least one rate');
  const { cpu, cores, kernel } = room.machine;
  return [
    `Machine: ${cpu}, ${cores} cores, Linux ${kernel}. Commit: \`${results.commit}\`.`,
    `Command: \`${results.command}\`, ${results.at}.`,
    `\n### Rooms, ${room.duration_s.toFixed(0)} s each\n`,
    roomTable(results.rooms),
    '\n### Viewers and rooms at rest\n',
    idleTable(results.idle),
    '\n### Very many come at once\n',
    burstTable(results.bursts),
    '\n### Bytes on the wire of a hot room\n',
    wireTable(results.wire),
    '\n### The raw ceiling: writes alone, on one core\n',
    ceilingTable(results.ceilings),
    '\n### Steps of a message\n',
    microTable(results.micro),
  ].join('\n');
}

/** @typedef {RoomResult & { peer: string }} PeerResult */

/**
 * @param {readonly PeerResult[]} results
 * @param {Readonly<Record<string, string>>} names
 */
export function peerTable(results, names) {
  const head = ['server', 'messages/s', 'offered deliveries/s', 'delivered/s', 'p50 ms', 'p99 ms'];
  head.push('max ms', 'server core', 'load core', 'deliveries/CPU s', 'lost or wrong', 'saturated');
  return table(
    head,
    results.map((result) => [
      names[result.peer] ?? result.peer,
      whole(result.messages_per_s),
      whole(result.messages_per_s * result.viewers),
      whole(result.deliveries_per_s),
      ...[result.latency_ms.p50, result.latency_ms.p99, result.latency_ms.max].map(ms),
      ...[result.cpu_s.server, result.cpu_s.load].map((s) => percent(s / result.duration_s)),
      whole((result.deliveries_per_s * result.duration_s) / result.cpu_s.server),
      faults({ ...result, acked: Math.max(result.acked, result.sent - result.errors) }),
      result.saturated,
    ]),
  );
}
