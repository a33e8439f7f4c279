// What the balancer can do on one core: `./dev bench balancer`. Everything it needs it starts; the
// load on /servers/provision is wrk's, since one written in Node is slower than the balancer.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { cpus, release } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startFakeFleet } from './fake_fleet.mjs';
import { commit, root, writeDocs } from './measured.mjs';
import { balancerAlone, benchmark, loadCore, run, withService } from './processes.mjs';
import { provisionTable, streamTable } from './tables.mjs';

const help = `node tests/bench/balancer.mjs [--flag ...]   (./dev bench balancer builds first)

  --smoke          everything once, small and short: shows that it runs, measures nothing
  --write-docs     puts the tables into docs/benchmarks.md
  --duration S     seconds of each measurement (default 10)
  --build DIR      where the binary is (default build/release)
  --out FILE       the results as JSON (default build/bench-balancer.json)

Without wrk (Debian package of that name) provisions are left out.
`;

const { values: flags } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
    duration: { type: 'string', default: '10' },
    build: { type: 'string', default: join(root, 'build/release') },
    out: { type: 'string', default: join(root, 'build/bench-balancer.json') },
  },
});

const full = {
  seconds: Number(flags.duration),
  provision: { servers: 100, rooms: 10_000 },
  stream: { servers: 20, rooms: 1000, listeners: 200 },
};
const smoke = {
  seconds: 1,
  provision: { servers: 3, rooms: 10 },
  stream: { servers: 3, rooms: 10, listeners: 5 },
};
const plan = flags.smoke ? smoke : full;
const connections = 16;
const binary = resolve(flags.build, 'spillway');

/** @typedef {import('./processes.mjs').Service} Service */

/**
 * Processor time that a process has used.
 * @param {number} pid
 */
function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // from field 3 on
  const ticksPerSecond = 100;
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/**
 * The share of a core that a process needs while `work` goes on.
 * @template T
 * @param {number} pid
 * @param {() => Promise<T>} work
 */
async function withCoreShare(pid, work) {
  const [cpuBefore, before] = [cpuSeconds(pid), performance.now()];
  const result = await work();
  const core = (cpuSeconds(pid) - cpuBefore) / ((performance.now() - before) / 1000);
  return { result, core };
}

/**
 * @template T
 * @param {{ servers: number; rooms: number }} size
 * @param {(balancer: Service) => Promise<T>} use
 */
function withFleet(size, use) {
  return withService(balancerAlone(binary), async (balancer) => {
    const fleet = await startFakeFleet({ socket: balancer.redisSocket, ...size });
    try {
      await delay(3000); // the loads are known then
      return await use(balancer);
    } finally {
      await fleet.stop();
    }
  });
}

function hasWrk() {
  try {
    execFileSync('sh', ['-c', 'command -v wrk'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {Service} balancer
 * @param {string} what
 * @param {number} rooms of which each request names one; 0: none
 * @returns {Promise<import('./tables.mjs').ProvisionResult>}
 */
async function measureProvisions({ port, pid }, what, rooms) {
  const args = [`ROOMS=${rooms}`, 'wrk', '-t1', `-c${connections}`, `-d${plan.seconds}s`];
  args.push('-s', join(root, 'tests/bench/provision.lua'), `http://127.0.0.1:${port}`);
  const { result, core } = await withCoreShare(pid, () => run(loadCore, 'env', args));
  const line = result.split('\n').find((text) => text.startsWith('{')) ?? '';
  const { requests, seconds, ...latencies } = JSON.parse(line);
  return { what, provisions_per_s: requests / seconds, core, ...latencies };
}

/**
 * Listeners that read and throw away.
 * @param {string} port
 * @param {number} count
 */
async function startListeners(port, count) {
  const heard = { bytes: 0, events: 0 };
  const sockets = Array.from({ length: count }, () => {
    const socket = connect({ host: '127.0.0.1', port: Number(port) });
    socket.write('GET /stats/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
    socket.on('data', (bytes) => {
      heard.bytes += bytes.length;
      if (bytes.indexOf('event: ') >= 0) heard.events += 1;
    });
    return socket;
  });
  await delay(3000); // all have got the whole
  return { heard, stop: () => sockets.forEach((socket) => socket.destroy()) };
}

/**
 * @param {Service} balancer
 * @returns {Promise<import('./tables.mjs').StreamResult>}
 */
async function measureStream({ port, pid }) {
  const { listeners, servers, rooms } = plan.stream;
  const { heard, stop } = await startListeners(port, listeners);
  const before = { ...heard };
  const { core } = await withCoreShare(pid, () => delay(plan.seconds * 1000));
  const each = listeners * plan.seconds;
  const bytes = (heard.bytes - before.bytes) / each;
  const events = (heard.events - before.events) / each;
  stop();
  return { listeners, servers, rooms, core, bytes_per_s: bytes, events_per_s: events };
}

async function main() {
  /** @type {import('./tables.mjs').ProvisionResult[]} */
  const provisions = [];
  if (hasWrk()) {
    process.stderr.write('provisions\n');
    await withFleet(plan.provision, async (balancer) => {
      provisions.push(await measureProvisions(balancer, 'of any room', 0));
      const { rooms } = plan.provision;
      provisions.push(await measureProvisions(balancer, 'of a named room', rooms));
    });
  } else {
    process.stderr.write('provisions are left out: wrk is not installed\n');
  }
  process.stderr.write('listeners\n');
  const streams = [await withFleet(plan.stream, measureStream)];
  const { servers, rooms } = plan.provision;
  const tables = [
    `Provisions from ${servers} servers with ${rooms.toLocaleString('en-US')} rooms, ${connections} connections:\n`,
    provisionTable(provisions),
    '\nListeners to `/stats/stream`:\n',
    streamTable(streams),
  ].join('\n');
  process.stdout.write(`\n${tables}\n`);
  const at = new Date().toISOString().slice(0, 16);
  const results = { commit: commit(), at, provisions, streams };
  writeFileSync(flags.out, `${JSON.stringify(results, null, 2)}\n`);
  if (!flags['write-docs']) return;
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Linux ${release()}`;
  writeDocs('balancer', `Machine: ${machine}. Commit: \`${results.commit}\`, ${at}.\n\n${tables}`);
}

await benchmark({ help, wanted: flags.help }, main);
