// The benchmark: `./dev bench`. One command, at most four minutes, everything it needs it starts.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { commit, root, writeDocs } from './measured.mjs';
import { benchmark, chatServer, loadCore, run, serverCore, withService } from './processes.mjs';
import { ceilingTable, document, idleTable, microTable, roomTable, wireTable } from './tables.mjs';
import { measureWire } from './wire.mjs';

const help = `node tests/bench/run.mjs [--flag ...]   (./dev bench builds first)

  --smoke          everything once, small and short: shows that it runs, measures nothing
  --write-docs     puts the tables into docs/benchmarks.md
  --viewers N      over all rooms (default 1000)
  --rooms N        (default 1)
  --rates A,B,...  messages a second over all rooms, one run each (default 20,200,1000)
  --duration S     seconds of each measurement (default 10)
  --build DIR      where the binaries are (default build/release)
  --out FILE       the results as JSON (default build/bench.json)

Example: ./dev bench --rates 20,200,1000,5000 --write-docs
`;

const { values: flags } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
    viewers: { type: 'string', default: '1000' },
    rooms: { type: 'string', default: '1' },
    rates: { type: 'string', default: '20,200,1000' },
    duration: { type: 'string', default: '10' },
    build: { type: 'string', default: join(root, 'build/release') },
    out: { type: 'string', default: join(root, 'build/bench.json') },
  },
});

const full = {
  viewers: Number(flags.viewers),
  rooms: Number(flags.rooms),
  rates: flags.rates.split(',').map(Number),
  warmUpMs: 2000,
  durationMs: Number(flags.duration) * 1000,
  idleViewers: 10_000,
  idleMs: 6000,
  ceilingSockets: [1000, 10_000],
  ceilingMs: 3000,
  microSeconds: 0.2,
  wire: { perSecond: 6000, seconds: 5 },
};
const smoke = {
  viewers: 50,
  rooms: 2,
  rates: [50],
  warmUpMs: 200,
  durationMs: 500,
  idleViewers: 200,
  idleMs: 400,
  ceilingSockets: [50],
  ceilingMs: 200,
  microSeconds: 0.001,
  wire: { perSecond: 2000, seconds: 0.2 },
};
const plan = flags.smoke ? smoke : full;

/** @param {string} program */
const binary = (program) => resolve(flags.build, program);

/**
 * One line of JSON from one measurement.
 * @param {string} command
 * @param {Record<string, string | number>} options
 */
async function bench(command, options) {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return JSON.parse(
    await run(loadCore, binary('spillway_bench'), [...command.split(' '), ...args]),
  );
}

/**
 * @param {number} sockets
 * @param {boolean} uring
 */
function measureCeiling(sockets, uring) {
  return bench(uring ? 'ceiling --uring' : 'ceiling', {
    sockets,
    'duration-ms': plan.ceilingMs,
    'writer-core': serverCore,
    'reader-core': loadCore,
  });
}

function measureIdle() {
  return withService(chatServer(binary('spillway')), ({ port, pid }) =>
    bench('idle', {
      port,
      viewers: plan.idleViewers,
      'hold-ms': plan.idleMs,
      'server-pid': pid,
    }),
  );
}

/**
 * @param {number} rate
 * @param {string} measured
 */
function measureRoom(rate, measured) {
  return withService(chatServer(binary('spillway')), ({ port, pid, redisPid }) =>
    bench('room', {
      port,
      rate,
      viewers: plan.viewers,
      rooms: plan.rooms,
      'warm-up-ms': plan.warmUpMs,
      'duration-ms': plan.durationMs,
      'server-pid': pid,
      'redis-pid': redisPid,
      commit: measured,
    }),
  );
}

async function measureMicro() {
  const time = `--benchmark_min_time=${plan.microSeconds}`;
  const args = [time, '--benchmark_format=json'];
  const { benchmarks } = JSON.parse(await run(serverCore, binary('spillway_microbench'), args));
  return benchmarks.map((/** @type {Record<string, any>} */ { name, cpu_time, allocs }) => ({
    name,
    ns: cpu_time,
    allocs,
  }));
}

/**
 * Everything there is to do, with the seconds it takes by experience.
 * @param {string} measured
 */
function steps(measured) {
  const starting = 1;
  return [
    ...[false, true].flatMap((uring) =>
      plan.ceilingSockets.map((sockets) => ({
        name: `raw ceiling, ${uring ? 'io_uring' : 'send'}, ${sockets} sockets`,
        seconds: plan.ceilingMs / 1000 + starting,
        kind: 'ceilings',
        measure: () => measureCeiling(sockets, uring),
      })),
    ),
    {
      name: `${plan.idleViewers} idle viewers`,
      seconds: plan.idleMs / 1000 + plan.idleViewers / 5000 + starting,
      kind: 'idle',
      measure: measureIdle,
    },
    ...plan.rates.map((rate) => ({
      name: `${plan.viewers} viewers, rooms: ${plan.rooms}, ${rate} messages/s`,
      seconds: (plan.warmUpMs + plan.durationMs) / 1000 + starting,
      kind: 'rooms',
      measure: () => measureRoom(rate, measured),
    })),
    {
      name: 'bytes on the wire',
      seconds: plan.wire.seconds + starting,
      kind: 'wire',
      measure: () =>
        withService(chatServer(binary('spillway')), ({ port }) =>
          measureWire(`ws://127.0.0.1:${port}`, plan.wire),
        ),
    },
    {
      name: 'micro-benchmarks',
      seconds: 12 * plan.microSeconds * 3,
      kind: 'micro',
      measure: measureMicro,
    },
  ];
}

async function main() {
  const measured = commit();
  const command = ['./dev bench', ...process.argv.slice(2)].join(' ');
  const at = new Date().toISOString().slice(0, 10);
  /** @type {any} */
  const results = { command, commit: measured, at, ceilings: [], rooms: [] };
  const todo = steps(measured);
  let left = todo.reduce((sum, { seconds }) => sum + seconds, 0);
  for (const { name, seconds, kind, measure } of todo) {
    process.stderr.write(`${name} (${Math.ceil(left)} s left)\n`);
    const result = await measure();
    if (Array.isArray(results[kind])) results[kind].push(result);
    else results[kind] = result;
    left -= seconds;
  }
  const tables = [roomTable(results.rooms), idleTable(results.idle)];
  tables.push(wireTable(results.wire));
  tables.push(ceilingTable(results.ceilings), microTable(results.micro));
  process.stdout.write(`\n${tables.join('\n\n')}\n`);
  writeFileSync(flags.out, `${JSON.stringify(results, null, 2)}\n`);
  if (flags['write-docs']) writeDocs('measured', document(results));
}

await benchmark({ help, wanted: flags.help }, main);
