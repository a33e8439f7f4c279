// What Redis spends on publishing a batch, by how many messages are in it and how many servers get
// it: where the numbers of src/balancer/plan_ceilings.h come from. The script is the servers' own;
// the calls are redis-benchmark's, as fast as they are answered. Processor time, so it does not
// matter who else is on the machine, as long as it is not much.
//
//   node tests/bench/redis_cost.mjs [CALLS]      (default 20000 a row; some 20 s)
import { execFileSync, spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { root } from './measured.mjs';

const calls = Number(process.argv[2] ?? '20000');
const directory = mkdtempSync(join(tmpdir(), 'spillway-redis-'));
const socket = join(directory, 'redis.sock');

/** @param {readonly string[]} args */
function redis(...args) {
  return execFileSync('redis-cli', ['-s', socket, ...args], { encoding: 'utf8' }).trim();
}

function cpuSeconds() {
  const info = redis('INFO', 'cpu');
  const read = (/** @type {string} */ name) =>
    Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);
  return read('used_cpu_user') + read('used_cpu_sys');
}

function publishScript() {
  const source = readFileSync(join(root, 'src/server/scripts.cc'), 'utf8');
  return ['kSettle', 'kPublish']
    .map((name) => new RegExp(`${name} = R"\\(\\n(.*?)\\)";`, 's').exec(source)?.[1])
    .join('');
}

/** A server that has the room and keeps up. */
function subscriber() {
  const connection = createConnection(socket);
  connection.write('SUBSCRIBE room\r\n');
  connection.resume();
  return connection;
}

/**
 * @param {string} sha
 * @param {number} messages
 * @param {number} servers
 */
async function microsecondsPerCall(sha, messages, servers) {
  redis('FLUSHALL');
  const subscribers = Array.from({ length: servers }, subscriber);
  await delay(100);
  const line = `{"id":"abcdefghijkl","ts":1795000000000,"message":"${'x'.repeat(60)}"}`;
  const lines = Array.from({ length: messages }, () => line).join('\n');
  const keys = ['2', 'room:{__rand_int__}:meta', 'room:{__rand_int__}:log'];
  const settle = ['run', '', '0', 'epoch', '86400'];
  const batch = ['room', 'server-__rand_int__', '1', String(messages), '0', '600000', '0', lines];
  const options = ['-s', socket, '-q', '-c', '50', '-r', '100000', '-n', String(calls)];
  const before = cpuSeconds();
  // Not execFileSync: the subscribers have to read meanwhile.
  const benchmark = spawn('redis-benchmark', [
    ...options,
    'EVALSHA',
    sha,
    ...keys,
    ...settle,
    ...batch,
  ]);
  benchmark.stdout.resume();
  await new Promise((resolve) => benchmark.on('close', resolve));
  const spent = cpuSeconds() - before;
  for (const connection of subscribers) connection.destroy();
  return (spent / calls) * 1e6;
}

const server = spawn(
  'setpriv',
  ['--pdeathsig', 'KILL', 'redis-server', '--port', '0', '--unixsocket', socket].concat([
    '--dir',
    directory,
    '--save',
    '',
  ]),
  { stdio: 'ignore' },
);
try {
  await delay(500);
  const sha = redis('SCRIPT', 'LOAD', publishScript());
  console.log('messages in the batch, servers that get it: microseconds of Redis a call');
  for (const messages of [1, 10, 100]) {
    for (const servers of [0, 1, 4, 16]) {
      const spent = await microsecondsPerCall(sha, messages, servers);
      console.log(`${messages}, ${servers}: ${spent.toFixed(1)}`);
    }
  }
} finally {
  server.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
}
