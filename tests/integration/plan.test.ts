// `spillway plan` and GET /plan: the same numbers, from what is asked or from a running fleet.
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect } from 'vitest';
import { errorOf, startBalancer } from './harness/balancer_api.ts';
import { binary, repository } from './harness/binary.ts';
import { Child, environment } from './harness/child.ts';
import { isRecord } from './harness/messages.ts';
import { parseRedisStats } from './harness/redis_stats.ts';
import { test, type Stage } from './harness/stage.ts';
import { eventually, scaled } from './harness/wait.ts';

const example = ['--users', '100', '--rooms', '5', '--interval', '30s'];
const exampleQuery = 'users=100&rooms=5&interval=30s';

async function plan(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Child> {
  const child = new Child(binary, ['plan', ...args], { env: environment(env) });
  child.endInput();
  await child.exited();
  child.assertHealthy();
  return child;
}

/** Its whole stdout, where it succeeded. */
async function planned(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const child = await plan(args, env);
  expect(child.exit, child.stderr).toEqual({ code: 0, signal: null });
  expect(child.stderr).toBe('');
  return child.stdout;
}

function golden(): unknown {
  return JSON.parse(readFileSync(join(repository, 'docs/balancer/plan.json'), 'utf8'));
}

function member(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      Array.isArray(inner) ? inner[Number(key)] : isRecord(inner) ? inner[key] : undefined,
    value,
  );
}

test('the example comes to 66.67 deliveries/s, and says what twice and ten times are', async () => {
  const text = await planned(example);
  expect(text).toMatch(/^100 users in 5 rooms .*: 66\.67 deliveries\/s\.\n/);
  expect(text).toMatch(/^ +1x +2x +10x$/m);
  expect(text).toMatch(/^deliveries\/s +66\.67 +266\.67 +6,667$/m);
  expect(text).toMatch(/^kernel writes\/s +66\.67 +266\.67 +6,667$/m);
  expect(text).toMatch(/^servers needed +1 +1 +1$/m);
  expect(text).toMatch(/^At 2x users: 4 times the deliveries, on 1 server.*first limit is /m);
  expect(text).toMatch(/^At 10x users: 100 times the deliveries, on 1 server.*first limit is /m);
});

test('--json and GET /plan are the golden document', async ({ stage }) => {
  const json = await planned([...example, '--json']);
  expect(json).toMatch(/^\{[^\n]*\}\n$/);
  expect(JSON.parse(json)).toEqual(golden());
  const { balancer } = await startBalancer(stage);
  const answer = await balancer.get(`/plan?${exampleQuery}`);
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('application/json');
  expect(`${answer.text}\n`).toBe(json);
  expect((await balancer.get(`/api/plan?${exampleQuery}`)).text).toBe(answer.text);
});

test('GET /plan goes by the flags of its balancer, as the command goes by its own', async ({
  stage,
}) => {
  const { balancer } = await startBalancer(stage, { 'spawn-writes': 1e6, 'spawn-busy': 0.5 });
  const query = 'users=500000&rooms=1000&interval=30m&distribution=zipf%3A1.1&size=100';
  const answer = await balancer.get(`/plan?${query}`);
  expect(member(answer.json, 'input', 'spawn_writes')).toBe(1e6);
  const args = query
    .split('&')
    .map((pair) => `--${decodeURIComponent(pair)}`)
    .concat('--spawn-writes=1000000', '--spawn-busy=0.5', '--json');
  expect(await planned(args)).toBe(`${answer.text}\n`);
});

test('GET /plan answers 400 with a sentence for what makes no sense, 405 for other methods', async ({
  stage,
}) => {
  const { balancer } = await startBalancer(stage);
  const bad = [
    ['', 'users'],
    ['users=100&rooms=5', 'interval'],
    ['users=0&rooms=5&interval=30s', 'users'],
    ['users=1&rooms=-5&interval=30s', 'rooms'],
    ['users=1&rooms=5&interval=30', 'interval'],
    ['users=1&rooms=5&interval=31d', 'interval'],
    [`${exampleQuery}&distribution=pareto`, 'distribution'],
    [`${exampleQuery}&size=%ff`, 'size'],
  ] as const;
  for (const [query, named] of bad) {
    const answer = await balancer.get(`/plan?${query}`);
    expect(answer.status, query).toBe(400);
    expect(errorOf(answer)).toMatch(new RegExp(`^${named}: `));
  }
  const post = await balancer.call('POST', `/plan?${exampleQuery}`);
  expect(post.status).toBe(405);
  expect(post.headers['allow']).toBe('GET, HEAD');
});

test('the largest plan that may be asked for holds nobody up', async ({ stage }) => {
  const { balancer } = await startBalancer(stage);
  const query = 'users=100000000&rooms=1000000&interval=1ms&distribution=zipf:1.1';
  const began = performance.now();
  for (let i = 0; i < 100; i += 1) {
    const answer = await balancer.get(`/plan?${query}`);
    expect(member(answer.json, 'plan', 2, 'users')).toBe(1e9);
  }
  // Room by room each would take half a second.
  expect(performance.now() - began).toBeLessThan(scaled(5000));
});

for (const [args, named] of [
  [[], '--users'],
  [['--users=100', '--rooms=5'], '--interval'],
  [[...example, '--users=0'], '--users'],
  [[...example, '--users=100000001'], '--users'],
  [[...example, '--rooms=many'], '--rooms'],
  [[...example, '--interval=30'], '--interval'],
  [[...example, '--interval=31d'], '--interval'],
  [[...example, '--distribution=zipf'], '--distribution'],
  [[...example, '--size=0'], '--size'],
  [[...example, '--json=perhaps'], '--json'],
  [[...example, '--from-live=http://127.0.0.1:1'], '--from-live'],
  [['--from-live=ws://127.0.0.1:1'], '--from-live'],
  [[...example, '--userz=1'], '--users'],
  [[...example, 'stray'], 'stray'],
] as const) {
  test(`plan ${args.join(' ')}: exit 2 and one sentence that names ${named}`, async () => {
    const child = await plan(args);
    expect(child.exit, child.stderr).toEqual({ code: 2, signal: null });
    expect(child.stdout).toBe('');
    expect(child.stderrLines).toHaveLength(1);
    expect(child.stderr).toContain(named);
  });
}

test('flags beat the environment', async () => {
  const env = { SPILLWAY_USERS: '7', SPILLWAY_ROOMS: '5', SPILLWAY_JSON: 'true' };
  const json = await planned(['--users=100', '--interval=30s'], env);
  expect(JSON.parse(json)).toEqual(golden());
});

test('--from-live takes rooms and rates from a running system', async ({ stage }) => {
  const up = await stage.up({ 'server-port': 0, 'server-rate-limit': 'off' }, { ownGroup: true });
  await eventually(
    () => up.get('/servers/provision'),
    ({ status }) => status === 200,
  );
  const nobody = await plan([`--from-live=${up.url}`]);
  expect(nobody.exit).toEqual({ code: 1, signal: null });
  expect(nobody.stderrLines).toHaveLength(1);
  expect(nobody.stderr).toContain('nobody is in its rooms');

  const { url } = await up.provision();
  const [ada, bob, eve] = [
    await stage.viewer(url),
    await stage.viewer(url),
    await stage.viewer(url),
  ];
  await Promise.all([ada.join('lobby'), bob.join('lobby'), eve.join('elsewhere')]);
  // Until messages were counted in two different seconds.
  await eventually(
    async () => {
      await ada.say('hello');
      return parseRedisStats((await up.get('/redis-stats')).json).chatRooms['lobby'];
    },
    (room) => {
      const counted = new Set(room?.cumulativeMessages.slice(-10).filter((count) => count > 0));
      return counted.size >= 2 && room?.clients.at(-1) === 2;
    },
  );
  const found: unknown = JSON.parse(await planned([`--from-live=${up.url}/`, '--json']));
  expect(member(found, 'input', 'from_live')).toBe(`${up.url}/`);
  expect(member(found, 'input', 'users')).toBe(3);
  expect(member(found, 'input', 'rooms')).toBe(2);
  const rate = Number(member(found, 'input', 'messages_per_s'));
  expect(rate).toBeGreaterThan(0);
  expect(member(found, 'plan', 0, 'deliveries_per_s')).toBeCloseTo(2 * rate);
  expect(member(found, 'plan', 1, 'deliveries_per_s')).toBeCloseTo(8 * rate);
  expect(member(found, 'plan', 2, 'users')).toBe(30);
  const text = await planned([`--from-live=${up.url}/api`]);
  expect(text).toMatch(/^3 users in 2 rooms of http.*deliveries\/s\.\n/);

  const server = await plan([`--from-live=${url.replace('ws:', 'http:')}`]);
  expect(server.exit).toEqual({ code: 1, signal: null });
  expect(server.stderr).toContain('HTTP 404');
});

/** Answers everything in this way. */
async function httpServer(
  stage: Stage,
  answer: (response: ServerResponse) => void,
): Promise<string> {
  const server = createServer((_, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stage.onEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens');
  return `http://127.0.0.1:${address.port}`;
}

test('--from-live is told in one sentence what is no balancer', async ({ stage }) => {
  const cases: readonly (readonly [string, (response: ServerResponse) => void])[] = [
    ['HTTP 500', (response) => response.writeHead(500).end('{}')],
    ['makes no sense', (response) => response.end('<html>')],
    ['makes no sense', (response) => response.end('{"chatRooms":{"a":{"clients":[1]}}}')],
    [
      'longer than 64MiB',
      (response) => response.writeHead(200, { 'content-length': 64 * 1024 * 1024 + 1 }).write('{'),
    ],
    ['(', (response) => response.socket?.destroy()],
  ];
  for (const [why, answer] of cases) {
    const url = await httpServer(stage, answer);
    const child = await plan([`--from-live=${url}`]);
    expect(child.exit).toEqual({ code: 1, signal: null });
    expect(child.stdout).toBe('');
    expect(child.stderrLines).toHaveLength(1);
    expect(child.stderr).toContain(`--from-live: nothing to plan from at ${url} (`);
    expect(child.stderr).toContain(why);
  }
});

test('--from-live without a balancer there: exit 1 and one sentence', async () => {
  const child = await plan(['--from-live=http://127.0.0.1:1']);
  expect(child.exit).toEqual({ code: 1, signal: null });
  expect(child.stdout).toBe('');
  expect(child.stderrLines).toHaveLength(1);
  expect(child.stderr).toContain('--from-live: nothing to plan from at http://127.0.0.1:1 (');
});
