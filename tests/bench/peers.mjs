// Spillway and what people would use instead, one after the other: the same client, the same core,
// the same messages. `./dev bench peers`.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { commit, root, writeDocs } from './measured.mjs';
import { plot } from './plot.mjs';
import { benchmark, chatServer, loadCore, run, withService } from './processes.mjs';
import { peerTable } from './tables.mjs';

const help = `node tests/bench/peers.mjs [--flag ...]   (./dev bench peers builds and installs first)

  --write-docs     puts the table into docs/benchmarks.md and the plot into docs/peers.svg
  --only A,B       some of: spillway, spillway-send, node-ws, uws, bun, nchan, nats
  --viewers N      of one room (default 1000)
  --rates A,B,...  messages a second; a server that breaks is not asked for more
                   (default 10,20,50,100,200,500,1000,2000,5000,10000)
  --duration S     seconds of each measurement (default 6)
  --build DIR      where the binaries are (default build/release)
  --out FILE       the results as JSON (default build/bench-peers.json)

Example: ./dev bench peers --only spillway,uws --rates 200,1000
`;

const { values: flags } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    viewers: { type: 'string', default: '1000' },
    rates: { type: 'string', default: '10,20,50,100,200,500,1000,2000,5000,10000' },
    duration: { type: 'string', default: '6' },
    build: { type: 'string', default: join(root, 'build/release') },
    out: { type: 'string', default: join(root, 'build/bench-peers.json') },
  },
});

/** A server is broken where this share of its viewers' messages is later than a second. */
const brokenMs = 1000;
const spillway = resolve(flags.build, 'spillway');
const peersAt = join(root, 'tests/bench/peers');
const listening = /^listening (\d+)/m;

/** @typedef {import('./processes.mjs').Program} Program */
/**
 * @typedef {{
 *   name: string; what: string; program: () => Promise<Program>;
 *   speaks: readonly string[]; path?: string; worker?: boolean;
 * }} Peer `speaks`: the load's flags; `worker`: its only child does the work
 */

/**
 * @param {string} command
 * @param {string} script
 * @returns {() => Promise<Program>}
 */
const scripted = (command, script) => async () => ({
  command,
  args: ({ redisSocket }) => [join(peersAt, script), redisSocket],
  ready: listening,
});

/** Of a port that is free now; nginx cannot choose one itself. */
async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

/** @returns {Promise<Program>} */
async function nchan() {
  const port = await freePort();
  const template = readFileSync(join(peersAt, 'nchan.conf'), 'utf8');
  return {
    command: '/usr/sbin/nginx',
    args: ({ directory }) => {
      const file = join(directory, 'nginx.conf');
      writeFileSync(file, template.replaceAll('@PORT@', String(port)));
      return ['-p', directory, '-c', file];
    },
    ready: /start worker process \d+/,
    port,
  };
}

/** @type {readonly Peer[]} */
const peers = [
  {
    name: 'spillway',
    what: 'Spillway, Redis behind it, ordered and logged',
    program: async () => chatServer(spillway),
    speaks: [],
  },
  {
    name: 'spillway-send',
    what: 'the same with --io send',
    program: async () => chatServer(spillway, ['--io', 'send']),
    speaks: [],
  },
  {
    name: 'node-ws',
    what: 'Node 20, ws and Redis',
    program: scripted(process.execPath, 'node_ws.mjs'),
    speaks: ['--plain'],
  },
  {
    name: 'uws',
    what: 'uWebSockets.js 20.30, nothing behind it',
    program: scripted(process.execPath, 'uws.mjs'),
    speaks: ['--plain'],
  },
  {
    name: 'bun',
    what: 'Bun 1.4, nothing behind it',
    program: scripted(join(peersAt, 'node_modules/@oven/bun-linux-x64/bin/bun'), 'bun.mjs'),
    speaks: ['--plain'],
  },
  {
    name: 'nchan',
    what: 'nginx with nchan 1.3.6, its memory store',
    program: nchan,
    speaks: ['--dialect', 'bare'],
    path: '/room',
    worker: true,
  },
  {
    name: 'nats',
    what: 'NATS 2.9 over WebSockets',
    program: async () => ({
      command: '/usr/sbin/nats-server',
      args: ({ directory }) => {
        const file = join(directory, 'nats.conf');
        writeFileSync(file, readFileSync(join(peersAt, 'nats.conf')));
        return ['-c', file];
      },
      ready: /Listening for websocket clients on ws:\/\/[^ ]*:(\d+)[^]*Server is ready/,
    }),
    speaks: ['--dialect', 'nats'],
  },
];

/** @param {number} pid */
function onlyChild(pid) {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  return Number(child);
}

/**
 * @param {Peer} peer
 * @param {number} rate
 */
async function measure(peer, rate) {
  const program = await peer.program();
  return withService(program, async ({ port, pid, redisPid }) => {
    const options = {
      port,
      path: peer.path ?? '/',
      rate,
      viewers: flags.viewers,
      'warm-up-ms': 2000,
      'duration-ms': Number(flags.duration) * 1000,
      'server-pid': peer.worker ? onlyChild(pid) : pid,
      'redis-pid': redisPid,
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const bench = resolve(flags.build, 'spillway_bench');
    const said = await run(loadCore, bench, ['room', ...args, ...peer.speaks]);
    return { peer: peer.name, ...JSON.parse(said) };
  });
}

/** @param {import('./tables.mjs').PeerResult} result */
function isBroken(result) {
  return result.latency_ms.p99 > brokenMs || result.lost > 0 || result.gaps > 0;
}

async function main() {
  const only = flags.only === '' ? peers.map(({ name }) => name) : flags.only.split(',');
  const unknown = only.find((name) => !peers.some((peer) => peer.name === name));
  if (unknown !== undefined) throw new Error(`there is no peer '${unknown}'; see --help`);
  /** @type {import('./tables.mjs').PeerResult[]} */
  const results = [];
  for (const peer of peers.filter(({ name }) => only.includes(name))) {
    for (const rate of flags.rates.split(',').map(Number)) {
      process.stderr.write(`${peer.name}, ${rate} messages/s\n`);
      const result = await measure(peer, rate);
      results.push(result);
      if (isBroken(result)) break;
    }
  }
  const names = Object.fromEntries(peers.map(({ name, what }) => [name, what]));
  const text = peerTable(results, names);
  process.stdout.write(`\n${text}\n`);
  const at = new Date().toISOString().slice(0, 10);
  const command = ['./dev bench peers', ...process.argv.slice(2)].join(' ');
  const measured = { command, commit: commit(), at, results };
  writeFileSync(flags.out, `${JSON.stringify(measured, null, 2)}\n`);
  if (!flags['write-docs']) return;
  const [first] = results;
  if (first === undefined) throw new Error('nothing was measured');
  const { cpu, cores, kernel } = first.machine;
  writeDocs(
    'peers',
    `Machine: ${cpu}, ${cores} cores, Linux ${kernel}. Commit: \`${measured.commit}\`.\n` +
      `Command: \`${command}\`, ${at}.\n\n${text}`,
  );
  writeFileSync(join(root, 'docs/peers.svg'), plot(results, names));
}

await benchmark({ help, wanted: flags.help }, main);
