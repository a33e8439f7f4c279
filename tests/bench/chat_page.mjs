// What the chat page does while 500 messages a second are said in its room: `node
// tests/bench/chat_page.mjs` after ./dev build. Server, load and browser share the machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { root } from './measured.mjs';

const help = `node tests/bench/chat_page.mjs [--flag ...]

  --smoke          everything once and short: shows that it runs, measures nothing
  --rate N         messages a second in the room (default 500)
  --duration S     seconds of each measurement (default 20)
  --build DIR      where the binary is (default build/release)
  --url URL        where the pages are, if not at the balancer that is started
`;

const { values: flags } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    rate: { type: 'string', default: '500' },
    duration: { type: 'string', default: '20' },
    build: { type: 'string', default: join(root, 'build/release') },
    url: { type: 'string' },
    port: { type: 'string', default: '0' },
  },
});

const binary = resolve(flags.build, 'spillway');
const seconds = flags.smoke ? 0.5 : Number(flags.duration);
const gatherMs = flags.smoke ? 0 : 10_000; // the load gathers, and the page is compiled
const chatters = 100;

async function startUp() {
  const args = ['up', `--port=${flags.port}`, '--server-port=0', '--server-rate-limit=off'];
  const up = spawn(binary, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const chunk of up.stdout) {
    said += String(chunk);
    if (/^ready/m.test(said)) break;
  }
  const [, url = ''] = /^balancer +(\S+)/m.exec(said) ?? [];
  return { up, url };
}

function startLoad(balancer) {
  const interval = `${(chatters / Number(flags.rate)) * 1000}ms`;
  const args = ['load', `--balancer=${balancer}`, `--chatters=${chatters}`, '--rooms=1'];
  args.push(`--interval=${interval}-${interval}`, '--stagger=1ms', '--duration=0');
  return spawn(binary, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Runs in the page: every frame's time, and how many lines the room has got meanwhile. */
function countFrames(ms) {
  return new Promise((done) => {
    const gaps = [];
    let last = performance.now();
    const end = last + ms;
    const next = (now) => {
      gaps.push(now - last);
      last = now;
      if (now < end) requestAnimationFrame(next);
      else done(gaps);
    };
    requestAnimationFrame(next);
  });
}

async function metricsOf(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

async function measure(page, session, what) {
  const before = await metricsOf(session);
  const gaps = await page.evaluate(countFrames, seconds * 1000);
  const after = await metricsOf(session);
  const sorted = gaps.toSorted((a, b) => a - b);
  const total = gaps.reduce((sum, gap) => sum + gap, 0);
  await session.send('HeapProfiler.collectGarbage');
  const { JSHeapUsedSize: heapBytes, Nodes: nodes } = await metricsOf(session);
  const busy = (name) => ((after[name] - before[name]) / seconds).toFixed(2);
  const rows = await page.locator('.log .line').count();
  console.log(
    `${what}: ${((gaps.length * 1000) / total).toFixed(1)} frames/s, ` +
      `99 % of them within ${(sorted[Math.floor(sorted.length * 0.99)] ?? 0).toFixed(1)} ms, ` +
      `longest ${(sorted.at(-1) ?? 0).toFixed(1)} ms; ${rows} lines in the page, ` +
      `heap ${(heapBytes / 2 ** 20).toFixed(1)} MiB, ${nodes} nodes; ` +
      `main thread ${busy('TaskDuration')} busy (scripts ${busy('ScriptDuration')}, ` +
      `layout ${busy('LayoutDuration')}, style ${busy('RecalcStyleDuration')})`,
  );
}

if (flags.help) {
  process.stdout.write(help);
  process.exit(0);
}

const { up, url } = await startUp();
const load = startLoad(url);
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  await page.goto(`${flags.url ?? url}/chat/chat-room-1`);
  await page.locator('.log .line').nth(100).waitFor();
  await delay(gatherMs);
  await measure(page, session, 'following');
  await page.getByRole('button', { name: 'Pause' }).click();
  await measure(page, session, 'following, the picture stands still');
  await page.getByRole('button', { name: 'Play' }).click();
  await page.getByRole('log').hover();
  await page.mouse.wheel(0, -400);
  await measure(page, session, 'paused');
  console.log(`the button says: ${await page.locator('.newest-button').textContent()}`);
} finally {
  await browser.close();
  load.kill('SIGINT');
  up.kill('SIGTERM');
  await Promise.all([once(load, 'exit'), once(up, 'exit')]);
}
