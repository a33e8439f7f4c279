// What it costs that no line is lost: `./dev bench resume`. Viewers whose server was killed come back
// at another, viewers are handed over while all talk, and what publishing with a history costs Redis.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { commit, root, writeDocs } from './measured.mjs';
import { benchmark, chatServer, loadCore, run, withServices } from './processes.mjs';
import { measurePublishCost, redisCli, serversScript } from './publish_cost.mjs';
import { handoverTable, publishTable, returnTable } from './tables.mjs';

const help = `node tests/bench/resume.mjs [--flag ...]   (./dev bench resume builds first)

  --smoke          everything once, small and short: shows that it runs, measures nothing
  --write-docs     puts the tables into docs/benchmarks.md
  --build DIR      where the binaries are (default build/release)
  --out FILE       the results as JSON (default build/bench-resume.json)
`;

const { values: flags } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
    build: { type: 'string', default: join(root, 'build/release') },
    out: { type: 'string', default: join(root, 'build/bench-resume.json') },
  },
});

/** Bytes of text of the lines that fill a history; nearly the most that a server takes. */
const fillBytes = 1900;

const full = {
  killed: { viewers: 10_000, perSecond: 50, withinMs: 2000, steadyMs: 3000, restMs: 8000 },
  // Lines that are in the history before anybody comes: none, and some MiB.
  fills: [0, 2000],
  handover: { viewers: 1000, perSecond: 1000, steadyMs: 3000, restMs: 7000 },
  publish: {
    work: [
      { batch: 1, alone: true, servers: 0, bare: true },
      ...[1, 10, 100, 500].map((batch) => ({ batch, alone: true, servers: 2 })),
      { batch: 100, alone: false, servers: 2 },
    ],
    batches: 8000,
    passes: 5,
  },
};
const smoke = {
  killed: { viewers: 50, perSecond: 50, withinMs: 300, steadyMs: 300, restMs: 1500 },
  fills: [20],
  handover: { viewers: 20, perSecond: 50, steadyMs: 300, restMs: 4000 },
  publish: {
    work: [
      { batch: 1, alone: true, servers: 0, bare: true },
      ...[true, false].map((alone) => ({ batch: 100, alone, servers: 2 })),
    ],
    batches: 20,
    passes: 1,
  },
};
const plan = flags.smoke ? smoke : full;

/** @typedef {import('./processes.mjs').Service} Service */
/** @typedef {import('./tables.mjs').RoomResult} RoomResult */
/** @typedef {RoomResult & { catch_up_ms: import('./tables.mjs').Spread; pause_ms: import('./tables.mjs').Spread }} Result */

/** @param {string} program */
const binary = (program) => resolve(flags.build, program);
/** @param {Service} service */
const url = ({ port }) => `ws://127.0.0.1:${port}`;

/**
 * The load on one room, to its end.
 * @param {Service} service
 * @param {Record<string, string | number>} options
 * @returns {Promise<Result>}
 */
function load({ port }, options) {
  const args = Object.entries({ port, ...options }).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ]);
  const loading = run(loadCore, binary('spillway_bench'), ['room', ...args]).then(JSON.parse);
  loading.catch(() => {}); // whoever awaits it hears of it; something else may have failed first
  return loading;
}

/**
 * Every server writes once a second how many viewers it has.
 * @param {Service} service
 * @param {number} viewers
 */
async function untilAllAreThere({ id, redisSocket }, viewers) {
  const deadline = performance.now() + 30_000;
  while (Number(redisCli(redisSocket, 'ZSCORE', 'servers:clients', id)) < viewers) {
    if (performance.now() > deadline) throw new Error(`not ${viewers} viewers within 30 s`);
    await delay(100);
  }
}

/**
 * Counts how often servers read a piece of a room's log, from now on.
 * @param {string} socket
 */
function watchReads(socket) {
  const sha = createHash('sha1').update(serversScript('kRead')).digest('hex');
  const monitor = spawn('redis-cli', ['-s', socket, 'MONITOR'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let [reads, rest] = [0, ''];
  monitor.stdout.setEncoding('latin1');
  monitor.stdout.on('data', (/** @type {string} */ text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    // One that Redis does not know yet is sent whole after that: the same read.
    reads += lines.filter((line) => line.includes(`"${sha}"`)).length;
  });
  return {
    stop: () => {
      monitor.kill('SIGKILL');
      return reads;
    },
  };
}

/** @param {string} socket */
function historyBytes(socket) {
  return Buffer.byteLength(redisCli(socket, 'XRANGE', 'room:{chat-room-1}:log', '-', '+'));
}

/**
 * One server is killed; its viewers come to another, which does not have the room yet. Who talks is
 * on a third.
 * @param {number} fill
 * @returns {Promise<import('./tables.mjs').ReturnResult>}
 */
async function measureReturn(fill) {
  const { viewers, perSecond, withinMs, steadyMs, restMs } = plan.killed;
  const server = chatServer(binary('spillway'));
  const programs = [server, server, { ...server, core: loadCore }];
  return withServices(programs, async ([killed, other, third], { socket }) => {
    if (killed === undefined || other === undefined || third === undefined) throw new Error();
    if (fill > 0) {
      const options = { viewers: 1, talkers: 1, rate: fill / 2, size: fillBytes };
      await load(third, { ...options, 'warm-up-ms': 0, 'duration-ms': 2000 });
    }
    const talkers = { viewers: 10, talkers: 10, rate: perSecond, 'warm-up-ms': 0 };
    const connectMs = 5000;
    const talking = load(third, { ...talkers, 'duration-ms': connectMs + steadyMs + restMs });
    const watching = load(killed, {
      viewers,
      // One at least talks, in half a minute.
      talkers: 1,
      rate: 0.1,
      'return-url': url(other),
      'return-within-ms': withinMs,
      'warm-up-ms': 0,
      'duration-ms': steadyMs + restMs,
      'server-pid': other.pid,
    });
    await untilAllAreThere(killed, viewers);
    await delay(steadyMs);
    const bytes = historyBytes(socket);
    const watch = watchReads(socket);
    process.kill(killed.pid, 'SIGKILL');
    const [result] = await Promise.all([watching, talking]);
    return { ...result, messages_per_s: perSecond, history_bytes: bytes, reads: watch.stop() };
  });
}

/**
 * Once a second, as the balancer does.
 * @param {Service} from
 * @param {Service} to
 */
async function tellAllToGo(from, to) {
  const viewers = () => Number(redisCli(from.redisSocket, 'ZSCORE', 'servers:clients', from.id));
  const deadline = performance.now() + plan.handover.restMs;
  for (let n = viewers(); n > 0 && performance.now() < deadline; n = viewers()) {
    const order = { type: 'redistribute', n, targets: [{ url: url(to), n }] };
    redisCli(from.redisSocket, 'PUBLISH', from.id, JSON.stringify(order));
    await delay(1000);
  }
}

/**
 * All viewers of one server are told to go to another.
 * @returns {Promise<Result>}
 */
async function measureHandover() {
  const { viewers, perSecond, steadyMs, restMs } = plan.handover;
  const server = chatServer(binary('spillway'));
  return withServices([server, server], async ([from, to]) => {
    if (from === undefined || to === undefined) throw new Error();
    const moving = load(from, {
      viewers,
      rate: perSecond,
      'warm-up-ms': 0,
      'duration-ms': steadyMs + restMs,
    });
    await untilAllAreThere(from, viewers);
    await delay(steadyMs);
    await tellAllToGo(from, to);
    return moving;
  });
}

async function main() {
  const returns = [];
  for (const fill of plan.fills) {
    process.stderr.write(`${plan.killed.viewers} viewers of a server that is killed\n`);
    returns.push(await measureReturn(fill));
  }
  process.stderr.write(`${plan.handover.viewers} viewers are handed over\n`);
  const handovers = [await measureHandover()];
  process.stderr.write('publishing with history\n');
  const publishes = await measurePublishCost(plan.publish);
  const tables = [
    `Viewers of a killed server, back at another within ${plan.killed.withinMs / 1000} s:\n`,
    returnTable(returns),
    '\nHand-over of all viewers of a server to another:\n',
    handoverTable(handovers),
    '\nPublishing with history:\n',
    publishTable(publishes),
  ].join('\n');
  process.stdout.write(`\n${tables}\n`);
  const at = new Date().toISOString().slice(0, 16);
  const results = { commit: commit(), at, returns, handovers, publishes };
  writeFileSync(flags.out, `${JSON.stringify(results, null, 2)}\n`);
  if (!flags['write-docs']) return;
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Linux ${release()}`;
  writeDocs('resume', `Machine: ${machine}. Commit: \`${results.commit}\`, ${at}.\n\n${tables}`);
}

await benchmark({ help, wanted: flags.help }, main);
