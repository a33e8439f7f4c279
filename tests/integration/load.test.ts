// The load harness against real servers, and against ones that do wrong on purpose.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { expect } from 'vitest';
import type { Balancer } from './harness/balancer.ts';
import { binary, type Flags } from './harness/binary.ts';
import { Child } from './harness/child.ts';
import { FaultyServer, type Faults } from './harness/faulty_server.ts';
import { fleetOf, killServer } from './harness/fleet.ts';
import { Load } from './harness/load.ts';
import { test, type Stage } from './harness/stage.ts';
import { eventually, scaled } from './harness/wait.ts';

const load = (stage: Stage, flags: Flags, options = {}): Load => {
  const started = new Load(flags, options);
  stage.onEnd(() => started.close());
  return started;
};

const faulty = async (stage: Stage, faults: Faults): Promise<FaultyServer> => {
  const server = await FaultyServer.start(faults);
  stage.onEnd(() => server.close());
  return server;
};

const scratch = (stage: Stage): string => {
  const directory = mkdtempSync(join(tmpdir(), 'spillway-load-test-'));
  stage.onEnd(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

const someTalk: Flags = { chatters: 20, interval: '100ms-300ms', duration: '2s', drain: '2s' };

test.concurrent(
  'a right server: everything that was said reached everybody, once',
  async ({ stage }) => {
    const server = await faulty(stage, {});
    const result = await load(stage, { ...someTalk, server: server.url }).result();
    expect(result).toMatchObject({ lost: 0, duplicates: 0, out_of_order: 0, gaps: 0, failures: 0 });
    expect(result.deliveries).toBe(server.deliveries);
    expect(result.acked).toBe(result.sent);
    expect(result.duration_s).toBeGreaterThan(1.9);
    expect(result.duration_s).toBeLessThanOrEqual(2);
  },
);

for (const plain of [false, true]) {
  const name = plain ? 'of the plain protocol ' : '';
  const flags = plain ? { 'no-resume': 'true' } : {};

  test.concurrent(
    `a server ${name}that drops is caught with the exact count`,
    async ({ stage }) => {
      const server = await faulty(stage, { drop: 97, plain });
      const result = await load(stage, { ...someTalk, ...flags, server: server.url }).result();
      expect(server.dropped).toBeGreaterThan(3);
      expect(result).toMatchObject({ lost: server.dropped, duplicates: 0, out_of_order: 0 });
      expect(result.deliveries).toBe(server.deliveries);
    },
  );

  test.concurrent(
    `a server ${name}that doubles is caught with the exact count`,
    async ({ stage }) => {
      const server = await faulty(stage, { double: 89, plain });
      const result = await load(stage, { ...someTalk, ...flags, server: server.url }).result();
      expect(server.doubled).toBeGreaterThan(3);
      expect(result).toMatchObject({ lost: 0, duplicates: server.doubled, out_of_order: 0 });
      expect(result.deliveries).toBe(server.deliveries);
    },
  );
}

test.concurrent('a server that delivers nothing has lost everything', async ({ stage }) => {
  const server = await faulty(stage, { drop: 1, plain: true });
  const flags = { ...someTalk, 'no-resume': 'true', server: server.url };
  const result = await load(stage, flags).result();
  expect(result).toMatchObject({ lost: server.dropped, deliveries: 0 });
  expect(result.lost).toBe(result.sent * 20);
});

test.concurrent('a server that swaps is caught with the exact count', async ({ stage }) => {
  const server = await faulty(stage, { swap: 101 });
  const run = load(stage, { ...someTalk, server: server.url });
  // Who is held back at the end waits for a next message in vain; often, but not always, somebody is.
  const { child } = run;
  await child.until(() => child.stderr.includes('waiting') || child.exit !== undefined);
  server.release();
  const result = await run.result();
  expect(server.swapped).toBeGreaterThan(3);
  expect(result).toMatchObject({ lost: 0, duplicates: 0, out_of_order: server.swapped });
});

test.concurrent('--expect that does not hold: exit 3, and it says which', async ({ stage }) => {
  const server = await faulty(stage, { drop: 50 });
  const run = load(stage, { ...someTalk, server: server.url, expect: 'lost=0,duplicates=0' });
  await run.result(3);
  expect(run.child.stdout).toContain('lost=0: DID NOT HOLD');
  expect(run.child.stdout).toContain('duplicates=0: held');
});

test.concurrent('the command in the report can be given to a shell', async ({ stage }) => {
  const server = await faulty(stage, {});
  const flags = { ...someTalk, duration: '200ms', server: server.url, expect: 'p99<10s,sent>=1' };
  const { command, seed } = await load(stage, flags).result();
  expect(command).toContain(` '--expect=p99<10s,sent>=1' `);
  expect(command).toContain(` --server=${server.url} `);
  expect(command).toMatch(new RegExp(` --seed ${seed}$`));
});

// Whatever it was in the middle of: what it says has nowhere to go.
test.concurrent('it ends when nobody reads what it says', async ({ stage }) => {
  const server = await faulty(stage, {});
  const command = '"$0" load --chatters=5 --stagger=0 --duration=0 --server="$1" 2>&1 | head -1';
  const pipe = new Child('bash', ['-c', command, binary, server.url]);
  stage.onEnd(async () => {
    await pipe.end();
  });
  await pipe.exited(scaled(20_000));
  expect(pipe.stdout).toContain('connecting');
});

test.concurrent('a load that was itself too late says so', async ({ stage }) => {
  const server = await faulty(stage, {});
  const run = load(stage, { ...someTalk, server: server.url });
  await run.child.until(() => run.child.stderr.includes('talking'));
  // As if its core had been given to somebody else: a quarter of what is due comes too late.
  run.child.signal('SIGSTOP');
  await delay(500);
  run.child.signal('SIGCONT');
  const result = await run.result();
  expect(result.saturated).toBe('load');
  expect(run.child.stdout).toContain('say nothing about the server');
});

test.concurrent('Ctrl-C ends it cleanly, with what it has', async ({ stage }) => {
  const server = await faulty(stage, {});
  const run = load(stage, { ...someTalk, server: server.url, duration: '0' });
  await run.child.until(() => run.child.stderr.includes('Ctrl-C'));
  run.child.signal('SIGINT');
  const result = await run.result();
  expect(result.interrupted).toBe(true);
  expect(result.sent).toBeGreaterThan(0);
  expect(result.lost).toBe(0);
});

test.concurrent('nobody there: exit 1 and one sentence that names the mend', async ({ stage }) => {
  // The near end of a connection: nobody listens there, and nobody else can get the port meanwhile.
  const server = await faulty(stage, {});
  const held = connect(Number(new URL(server.url).port), '127.0.0.1');
  stage.onEnd(() => {
    held.destroy();
  });
  await once(held, 'connect');
  const url = `ws://127.0.0.1:${held.localPort}`;
  for (const [flag, mend] of [
    ['server', 'is one running there?'],
    ['balancer', '`spillway up` starts one'],
  ] as const) {
    const run = load(stage, {
      chatters: 2,
      [flag]: flag === 'server' ? url : url.replace('ws', 'http'),
    });
    expect((await run.ended()).code).toBe(1);
    expect(run.child.stderrLines.at(-1)).toContain(`spillway load: --${flag}`);
    expect(run.child.stderrLines.at(-1)).toContain(mend);
  }
});

test.concurrent('what was measured is what the plan predicts, within 5 %', async ({ stage }) => {
  const redis = await stage.redis();
  const server = await stage.server(redis);
  const [users, rooms] = [500, 20];
  const run = load(stage, {
    server: server.url,
    chatters: users,
    rooms,
    interval: '500ms-1500ms',
    duration: '11s',
  });
  const result = await run.result();
  const { plan: all } = JSON.parse(
    execFileSync(
      binary,
      ['plan', `--users=${users}`, `--rooms=${rooms}`, '--interval=1s', '--json'],
      {
        encoding: 'utf8',
      },
    ),
  ) as { plan: { deliveries_per_s: number }[] };
  const [planned] = all;
  if (planned === undefined) throw new Error('an empty plan');
  expect(planned.deliveries_per_s).toBe(users ** 2 / rooms);
  expect(result.deliveries_per_s / planned.deliveries_per_s).toBeGreaterThan(0.95);
  expect(result.deliveries_per_s / planned.deliveries_per_s).toBeLessThan(1.05);
  expect(result).toMatchObject({ lost: 0, duplicates: 0, out_of_order: 0, connects: users });
});

/** A fleet of two servers with viewers in three rooms, as they begin to talk. */
async function fleetUnderLoad(
  stage: Stage,
  more: Flags = {},
  ofTheFleet: Flags = {},
): Promise<{ balancer: Balancer; run: Load }> {
  const redis = await stage.redis();
  const flags = {
    'server-rate-limit': 'off',
    'server-port': 0,
    'servers-min': 2,
    ...ofTheFleet,
  };
  const balancer = await stage.up({ redis: redis.url, ...flags });
  await balancer.child.until(() => balancer.child.stdout.includes('ready'));
  const run = load(stage, {
    balancer: balancer.url,
    chatters: 60,
    rooms: 3,
    interval: '200ms-600ms',
    duration: '8s',
    ...more,
  });
  await run.child.until(() => run.child.stderr.includes('talking'));
  return { balancer, run };
}

/** The server with most viewers, once the balancer has heard of them: any other may have none. */
async function fullest(balancer: Balancer): Promise<string> {
  const fleet = await eventually(
    () => fleetOf(balancer),
    (state) => state?.servers.some(({ viewers }) => viewers > 0) === true,
  );
  const [first] = (fleet?.servers ?? []).toSorted((a, b) => b.viewers - a.viewers);
  return first?.id ?? '';
}

test.concurrent('viewers follow a hand-over and lose nothing by it', async ({ stage }) => {
  const { balancer, run } = await fleetUnderLoad(stage);
  await balancer.call('DELETE', `/servers/${await fullest(balancer)}`);
  const result = await run.result();
  expect(result.redistributed).toBeGreaterThan(0);
  expect(result).toMatchObject({ lost: 0, duplicates: 0, out_of_order: 0, gaps: 0, reconnects: 0 });
  expect(result.acked).toBe(result.sent);
});

test.concurrent(
  'a deploy of every server, one after the other, loses nothing',
  async ({ stage }) => {
    const { balancer, run } = await fleetUnderLoad(stage, { duration: '0' }, { 'servers-max': 4 });
    const before = (await fleetOf(balancer))?.servers ?? [];
    expect(before).toHaveLength(2);
    for (const { id } of before) {
      const created = await balancer.call('POST', '/servers/create');
      expect(created.status, created.text).toBe(200);
      await balancer.call('DELETE', `/servers/${id}`);
      await eventually(
        () => fleetOf(balancer),
        (state) => state?.servers.every((server) => server.id !== id) === true,
        30_000,
      );
    }
    run.child.signal('SIGINT');
    const result = await run.result();
    // Some may have been moved twice: to a server whose turn came later.
    expect(result.redistributed).toBeGreaterThanOrEqual(60);
    expect(result).toMatchObject({
      lost: 0,
      duplicates: 0,
      out_of_order: 0,
      gaps: 0,
      reconnects: 0,
    });
    expect(result.acked).toBe(result.sent);
  },
  scaled(120_000),
);

test.concurrent('a raid in the middle of a hand-over loses nothing', async ({ stage }) => {
  const scenario = join(scratch(stage), 'raids.toml');
  const raids = [1, 2, 3].map(
    (room) => `[[raid]]\nat = "0s"\nwithin = "4s"\nviewers = 40\nroom = ${room}\n`,
  );
  writeFileSync(scenario, raids.join(''));
  const { balancer, run } = await fleetUnderLoad(stage, { scenario });
  await balancer.call('DELETE', `/servers/${await fullest(balancer)}`);
  const result = await run.result();
  expect(result.redistributed).toBeGreaterThan(0);
  // Of each raid 40, unless the one before has brought them there already.
  expect(result.moved).toBeGreaterThan(60);
  expect(result).toMatchObject({ lost: 0, duplicates: 0, out_of_order: 0, gaps: 0, reconnects: 0 });
  expect(result.acked).toBe(result.sent);
});

test.concurrent(
  'viewers of a server that is killed come back and read every line',
  async ({ stage }) => {
    const { balancer, run } = await fleetUnderLoad(stage);
    killServer(await fullest(balancer));
    const result = await run.result();
    expect(result.reconnects).toBeGreaterThan(0);
    expect(result).toMatchObject({ lost: 0, duplicates: 0, out_of_order: 0, gaps: 0 });
  },
);

test.concurrent('threads and workers share one run', async ({ stage }) => {
  const redis = await stage.redis();
  const server = await stage.server(redis);
  const run = load(stage, {
    server: server.url,
    chatters: 101,
    rooms: 4,
    interval: '200ms-600ms',
    duration: '2s',
    threads: 2,
    workers: 2,
  });
  const result = await run.result();
  expect(result).toMatchObject({ lost: 0, duplicates: 0, out_of_order: 0, connects: 101 });
  expect(result.acked).toBe(result.sent);
  expect(result.servers).toEqual({ [server.url]: 101 });
});

test.concurrent('a worker that is killed ends the run with a word about it', async ({ stage }) => {
  const server = await faulty(stage, {});
  const run = load(stage, { ...someTalk, server: server.url, duration: '0', workers: 2 });
  await run.child.until(() => run.child.stderr.includes('Ctrl-C'));
  const workers = readFileSync(`/proc/${run.child.pid}/task/${run.child.pid}/children`, 'utf8');
  process.kill(Number(workers.trim().split(' ')[0]), 'SIGKILL');
  const result = await run.result(1);
  expect(result.interrupted).toBe(true);
  expect(run.child.stderrLines.at(-1)).toContain('a worker was ended by Killed');
});

test.concurrent(
  'a scenario: bursts, raids, churn and slow lines, and nothing is lost',
  async ({ stage }) => {
    const redis = await stage.redis();
    const server = await stage.server(redis);
    const file = join(scratch(stage), 'all.toml');
    writeFileSync(
      file,
      `chatters = 200
     rooms = 4
     interval = "1s-3s"
     duration = "6s"
     [[burst]]
     at = "1s"
     for = "2s"
     factor = 10
     [[raid]]
     at = "2s"
     within = "1s"
     viewers = 60
     room = 2
     [churn]
     stay = "4s"
     away = "300ms"
     [slow]
     viewers = "5%"
     read = "16KiB"`,
    );
    const result = await load(stage, { server: server.url, scenario: file }).result();
    expect(result).toMatchObject({
      viewers: 200,
      rooms: 4,
      lost: 0,
      duplicates: 0,
      out_of_order: 0,
    });
    expect(result.moved).toBeGreaterThan(20);
    expect(result.left).toBeGreaterThan(50);
    // 200 viewers at 0.5 messages/s, ten times that for 2 of 6 seconds, less who is away.
    expect(result.sent).toBeGreaterThan(800);
  },
);

test.concurrent('who leaves early is not replaced until all are there', async ({ stage }) => {
  const server = await faulty(stage, {});
  const scenario = join(scratch(stage), 'churn.toml');
  writeFileSync(scenario, '[churn]\nstay = "100ms"\naway = "10ms"\n');
  const flags = { ...someTalk, chatters: 40, stagger: '25ms', duration: '1s', scenario };
  const result = await load(stage, { ...flags, server: server.url }).result();
  expect(result.connect_s).toBeGreaterThan(0.85); // the last of them comes at 0.975 s
  expect(result.left).toBeGreaterThan(40);
  expect(result.lost).toBe(0);
});

/** Steps of half a second, so that latency is never what breaks. */
const search: Flags = {
  chatters: 20,
  'find-limit': 'p99=10s',
  'limit-step': '500ms',
  drain: '1s',
};

test.concurrent('--find-limit does not hold a load of which some is refused', async ({ stage }) => {
  const server = await faulty(stage, { refuse: 40 });
  const run = load(stage, { ...search, server: server.url, interval: '1s' });
  const { limit, refused } = await run.result();
  expect(refused).toBe(server.refused);
  const broken = (limit?.steps ?? []).filter((step) => step.refused > 0);
  expect(broken.length).toBeGreaterThan(0);
  for (const step of broken) expect(step.held).toBe(false);
});

test.concurrent(
  '--find-limit ends between a load that held and one that did not',
  async ({ stage }) => {
    // One delivery in 3,000 is lost: a step with fewer of them may hold, one with more cannot.
    const server = await faulty(stage, { drop: 3000 });
    const run = load(stage, { ...search, server: server.url, interval: '500ms' });
    const { limit } = await run.result();
    const held = (limit?.steps ?? []).filter((step) => step.held);
    const broken = (limit?.steps ?? []).filter((step) => !step.held);
    expect(held.length).toBeGreaterThan(0);
    expect(broken.length).toBeGreaterThan(0);
    const fastest = Math.max(...held.map(({ pace }) => pace));
    const best = held.find(({ pace }) => pace === fastest);
    expect(limit?.sustained_messages_per_s).toBe(best?.messages_per_s);
  },
);

test.concurrent('the names in the environment that such harnesses have', async ({ stage }) => {
  const server = await faulty(stage, {});
  const env = {
    ...process.env,
    CHATTER_COUNT: '7',
    CHAT_ROOM_COUNT: '2',
    MESSAGE_INTERVAL_MIN_MS: '100',
    MESSAGE_INTERVAL_MAX_MS: '200',
    INITIAL_CONNECT_STAGGER_MS: '1',
    RECONNECT_DELAY_MS: '10',
  };
  const flags = { stagger: undefined, server: server.url, duration: '1s', drain: '1s' };
  const result = await load(stage, flags, { env }).result();
  expect(result).toMatchObject({ viewers: 7, rooms: 2, connects: 7, lost: 0 });
});

test.concurrent('the report is a page that needs nothing else', async ({ stage }) => {
  const server = await faulty(stage, { drop: 50 });
  const file = join(scratch(stage), 'report.html');
  await load(stage, { ...someTalk, server: server.url, report: file }).result();
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  stage.onEnd(() => browser.close());
  const page = await browser.newPage();
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
  page.on('request', (request) => {
    if (!request.url().startsWith('file:')) wrong.push(request.url());
  });
  await page.goto(`file://${file}`);
  const text = await page.locator('body').innerText();
  expect(text).toMatch(/lost/i);
  expect(text).toContain(server.url);
  expect(await page.locator('svg, canvas').count()).toBeGreaterThan(2);
  expect(wrong).toEqual([]);
});
