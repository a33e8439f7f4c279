// The benchmark: `./dev bench`. One command, some five minutes, everything it needs it starts.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { commit, root, writeDocs } from './measured.mjs';
import { benchmark, chatServer, loadCore, run, serverCore, withService } from './processes.mjs';
import * as tables from './tables.mjs';
import { measureWire } from './wire.mjs';

const help = `node tests/bench/run.mjs [--flag ...]   (./dev bench builds first)

  --smoke          everything once, small and short: shows that it runs, measures nothing
  --write-docs     puts the tables into docs/benchmarks.md
  --viewers N      instead of the usual rows: so many over all rooms (default 1000),
  --rooms N        in so many rooms (default 1),
  --rates A,B,...  at so many messages a second over all rooms, one run each
  --flags '...'    the server is started with these as well, as in --flags '--io send'
  --duration S     seconds of each measurement (default 6)
  --build DIR      where the binaries are (default build/release)
  --out FILE       the results as JSON (default build/bench.json)

Example: ./dev bench --write-docs
         ./dev bench --viewers 5000 --rates 100,500
`;

const { values: flags } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
    viewers: { type: 'string', default: '1000' },
    rooms: { type: 'string', default: '1' },
    rates: { type: 'string' },
    flags: { type: 'string', default: '' },
    duration: { type: 'string', default: '6' },
    build: { type: 'string', default: join(root, 'build/release') },
    out: { type: 'string', default: join(root, 'build/bench.json') },
  },
});

/** @typedef {import('./tables.mjs').Workload} Workload */

/**
 * @param {number} viewers
 * @param {number} rooms
 * @param {readonly number[]} rates
 * @param {string} with_
 * @returns {readonly Workload[]}
 */
const workloads = (viewers, rooms, rates, with_ = '') =>
  rates.map((rate) => ({ viewers, rooms, rate, flags: with_ }));

const usual = [
  ...workloads(1000, 1, [20, 200, 1000, 5000, 8000, 10_000]),
  ...workloads(1000, 1, [20, 5000], '--io send'),
  ...workloads(10_000, 1, [100, 400]),
  ...workloads(10_000, 1, [100, 400], '--io send'),
  ...workloads(10_000, 1, [400], '--threads 2'),
  ...workloads(10_000, 1000, [5000, 10_000, 20_000]),
];
const asked = workloads(
  Number(flags.viewers),
  Number(flags.rooms),
  (flags.rates ?? '').split(',').map(Number),
  flags.flags,
);

const full = {
  workloads: flags.rates === undefined ? usual : asked,
  warmUpMs: 2000,
  durationMs: Number(flags.duration) * 1000,
  idle: [
    { viewers: 15_000, rooms: 1, messages: 0 },
    { viewers: 15_000, rooms: 15_000, messages: 0 },
    { viewers: 15_000, rooms: 15_000, messages: 5 },
  ],
  idleMs: 6000,
  idleEveryMs: 15_000,
  bursts: [1, 100].map((rooms) => ({
    inside: 1000,
    coming: 10_000,
    rooms,
    rate: 100,
    durationMs: 3000,
  })),
  ceilingSockets: [1000, 10_000],
  ceilingMs: 3000,
  microSeconds: 0.2,
  wire: { perSecond: 6000, seconds: 5 },
};
const smoke = {
  workloads: [...workloads(50, 2, [50]), ...workloads(50, 2, [50], '--threads 2')],
  warmUpMs: 200,
  durationMs: 500,
  idle: [
    { viewers: 200, rooms: 1, messages: 0 },
    { viewers: 20, rooms: 20, messages: 1 },
  ],
  idleMs: 400,
  idleEveryMs: 300,
  bursts: [{ inside: 20, coming: 100, rooms: 2, rate: 50, durationMs: 1000 }],
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

/** @param {{ viewers: number; rooms: number; messages: number }} idle */
async function measureIdle({ viewers, rooms, messages }) {
  const result = await withService(chatServer(binary('spillway')), ({ port, pid }) =>
    bench('idle', {
      port,
      viewers,
      rooms,
      messages,
      'every-ms': plan.idleEveryMs,
      'hold-ms': plan.idleMs,
      'server-pid': pid,
    }),
  );
  return { ...result, messages };
}

/**
 * @param {Workload} workload
 * @param {string} measured
 */
async function measureRoom({ viewers, rooms, rate, flags: with_ }, measured) {
  const program = chatServer(binary('spillway'), with_.split(' ').filter(Boolean));
  // Two loops need two cores, and share the second with the load.
  if (with_.includes('--threads')) program.core = `${serverCore},${loadCore}`;
  const result = await withService(program, ({ port, pid, redisPid }) =>
    bench('room', {
      port,
      rate,
      viewers,
      rooms,
      'warm-up-ms': plan.warmUpMs,
      'duration-ms': plan.durationMs,
      'server-pid': pid,
      'redis-pid': redisPid,
      commit: measured,
    }),
  );
  return { ...result, flags: with_ };
}

/** What those inside notice of very many coming at once: before, meanwhile, and when all are there. */
/** @param {{ inside: number; coming: number; rooms: number; rate: number; durationMs: number }} burst */
function measureBurst({ inside, coming, rooms, rate, durationMs }) {
  return withService(chatServer(binary('spillway')), async ({ port }) => {
    const measureInside = () =>
      bench('room', { port, rate, viewers: inside, 'warm-up-ms': 1000, 'duration-ms': durationMs });
    const before = await measureInside();
    const crowd = { port, viewers: coming, rooms, talkers: 1, rate: 0.1, 'warm-up-ms': 0 };
    const [meanwhile, crowdBefore] = await Promise.all([
      measureInside(),
      delay(1000).then(() => bench('room', { ...crowd, 'duration-ms': durationMs })),
    ]);
    return {
      inside,
      coming,
      rooms,
      rate,
      coming_s: crowdBefore.connect_s,
      lost: meanwhile.lost + crowdBefore.lost,
      before: before.latency_ms,
      meanwhile: meanwhile.latency_ms,
    };
  });
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
    ...plan.idle.map((idle) => ({
      name: `${idle.viewers} idle viewers, rooms: ${idle.rooms}, ${idle.messages} messages each`,
      seconds:
        (plan.idleMs + idle.messages * plan.idleEveryMs) / 1000 + idle.viewers / 5000 + starting,
      kind: 'idle',
      measure: () => measureIdle(idle),
    })),
    ...plan.bursts.map((burst) => ({
      name: `${burst.coming} viewers come at once, rooms: ${burst.rooms}`,
      seconds: (2 * (2000 + burst.durationMs)) / 1000 + starting,
      kind: 'bursts',
      measure: () => measureBurst(burst),
    })),
    ...plan.workloads.map((workload) => ({
      name: `${workload.viewers} viewers, rooms: ${workload.rooms}, ${workload.rate} messages/s ${workload.flags}`,
      seconds: (plan.warmUpMs + plan.durationMs) / 1000 + starting,
      kind: 'rooms',
      measure: () => measureRoom(workload, measured),
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
  const results = { command, commit: measured, at, ceilings: [], rooms: [], idle: [], bursts: [] };
  const todo = steps(measured);
  let left = todo.reduce((sum, { seconds }) => sum + seconds, 0);
  for (const { name, seconds, kind, measure } of todo) {
    process.stderr.write(`${name} (${Math.ceil(left)} s left)\n`);
    const result = await measure();
    if (Array.isArray(results[kind])) results[kind].push(result);
    else results[kind] = result;
    left -= seconds;
  }
  process.stdout.write(`\n${tables.document(results)}\n`);
  writeFileSync(flags.out, `${JSON.stringify(results, null, 2)}\n`);
  if (flags['write-docs']) writeDocs('measured', tables.document(results));
}

await benchmark({ help, wanted: flags.help }, main);
