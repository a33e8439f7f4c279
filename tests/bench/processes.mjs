// The processes of a benchmark: pinned to a core, ended with it, and none of anybody else's.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

/** The server has a core of its own; the load, Redis and this process share another. */
export const serverCore = 0;
export const loadCore = availableParallelism() > 1 ? 1 : 0;

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/** @type {Set<ChildProcess>} */
const running = new Set();
/** @type {Set<string>} */
const directories = new Set();

/**
 * @param {number | string} core or several, as taskset takes them
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {ChildProcess}
 */
function start(core, command, args) {
  // Even if this process is killed in a way that it cannot see, its children end.
  const pinned = ['--pdeathsig', 'KILL', 'taskset', '-c', String(core), command, ...args];
  const child = spawn('setpriv', pinned, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.on('exit', () => running.delete(child));
  return child;
}

/**
 * Collects what a stream says, at most its last 64 KiB.
 * @param {import('node:stream').Readable | null} stream
 */
function collect(stream) {
  const said = { text: '' };
  stream?.setEncoding('utf8');
  stream?.on('data', (/** @type {string} */ chunk) => {
    said.text = (said.text + chunk).slice(-65_536);
  });
  return said;
}

/**
 * Runs a program to its end.
 * @param {number | string} core or several, as taskset takes them
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<string>} its stdout
 */
export async function run(core, command, args) {
  const child = start(core, command, args);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code === 0) return stdout.text;
  throw new Error(`${command} ${args.join(' ')}: exit ${code}\n${stderr.text}`);
}

/**
 * Starts a program that stays and resolves once what it says matches.
 * @param {number | string} core or several, as taskset takes them
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RegExp} ready
 */
async function startService(core, command, args, ready) {
  const child = start(core, command, args);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  /** @type {RegExpExecArray} */
  const match = await new Promise((resolve, reject) => {
    const limit = setTimeout(() => failed('is not ready after 10 s'), 10_000);
    /** @param {string} why */
    const failed = (why) => {
      clearTimeout(limit);
      reject(new Error(`${command} ${why}\n${stdout.text}${stderr.text}`));
    };
    child.on('error', (error) => failed(error.message));
    child.on('exit', (code) => failed(`ended with ${code}`));
    const look = () => {
      const found = ready.exec(stdout.text) ?? ready.exec(stderr.text);
      if (found === null) return;
      clearTimeout(limit);
      resolve(found);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
  });
  return { child, match };
}

/** @param {ChildProcess} child */
async function stop(child) {
  if (!running.has(child)) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL'); // nothing of it is kept, and a drain would only take time
  await gone;
}

/**
 * `id`: by which it is known in Redis, where it has one.
 * @typedef {{
 *   port: string; id: string; pid: number; redisPid: number; redisSocket: string;
 * }} Service
 */
/** @typedef {{ redisSocket: string; directory: string }} Place what a service may use */
/**
 * A server to be measured: how it is started, and how its stdout or stderr says that it listens, and
 * on which port, unless that was chosen for it.
 * @typedef {{
 *   command: string; args: (place: Place) => readonly string[]; ready: RegExp; port?: number;
 *   core?: number | string;
 * }} Program
 */

/**
 * A fresh one that nobody used yet, with an empty Redis of its own beside it.
 * @template T
 * @param {Program} program
 * @param {(service: Service) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withService(program, use) {
  return withServices([program], ([service]) => {
    if (service === undefined) throw new Error('unreachable: one was started');
    return use(service);
  });
}

/**
 * Several with one Redis.
 * @template T
 * @param {readonly Program[]} programs
 * @param {(services: readonly Service[], redis: { socket: string; pid: number }) => Promise<T>} use
 * @param {{ redisCore?: number }} options
 * @returns {Promise<T>}
 */
export async function withServices(programs, use, { redisCore = loadCore } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'spillway-bench-'));
  directories.add(directory);
  const redisSocket = join(directory, 'redis.sock');
  /** @type {ChildProcess[]} */
  const children = [];
  try {
    const redisArgs = ['--port', '0', '--unixsocket', redisSocket, '--dir', directory];
    redisArgs.push('--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction');
    const redis = await startService(redisCore, 'redis-server', redisArgs, /ready to accept/i);
    children.push(redis.child);
    const redisPid = redis.child.pid ?? 0;
    /** @type {Service[]} */
    const services = [];
    for (const { command, args, ready, port, core = serverCore } of programs) {
      const all = args({ redisSocket, directory });
      const { child, match } = await startService(core, command, all, ready);
      children.push(child);
      const [, saidPort, id = ''] = match;
      services.push({
        port: String(port ?? saidPort),
        id,
        pid: child.pid ?? 0,
        redisPid,
        redisSocket,
      });
    }
    return await use(services, { socket: redisSocket, pid: redisPid });
  } finally {
    await Promise.all(children.map(stop));
    rmSync(directory, { recursive: true, force: true });
    directories.delete(directory);
  }
}

/**
 * A chat server of one loop.
 * @param {string} binary of spillway
 * @param {readonly string[]} flags
 * @returns {Program}
 */
export function chatServer(binary, flags = []) {
  return {
    command: binary,
    args: ({ redisSocket }) =>
      ['server', '--port', '0', '--rate-limit', 'off', '--log-level', 'warn'].concat(
        ['--redis', `unix://${redisSocket}`],
        flags,
      ),
    ready: /^listening ws:\/\/[^ ]*:(\d+) id=(\S+)/m,
  };
}

/**
 * A balancer that starts no servers.
 * @param {string} binary of spillway
 * @returns {Program}
 */
export function balancerAlone(binary) {
  return {
    command: binary,
    args: ({ redisSocket }) =>
      ['balancer', '--port', '0', '--servers-min', '0', '--log-level', 'warn'].concat([
        '--redis',
        `unix://${redisSocket}`,
      ]),
    ready: /^listening http:\/\/[^ ]*:(\d+)/m,
  };
}

/** Ends everything at once. */
function endAll() {
  for (const child of running) child.kill('SIGKILL');
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
}

/**
 * Runs a benchmark's `main`. However it ends, nothing that it started goes on.
 * @param {{ help: string; wanted: boolean }} help
 * @param {() => Promise<void>} main
 */
export async function benchmark(help, main) {
  if (help.wanted) {
    process.stdout.write(help.help);
    return;
  }
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      endAll();
      process.exit(130);
    });
  }
  try {
    // Else this process would now and then take the server's core.
    execFileSync('taskset', ['-cp', String(loadCore), String(process.pid)], { stdio: 'ignore' });
    await main();
  } catch (error) {
    endAll();
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
