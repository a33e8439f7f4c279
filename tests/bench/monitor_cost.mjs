// What the monitor costs who looks at it: a real balancer, a fleet that is there only in Redis, and
// what Chromium says of the page's own thread. `node tests/bench/monitor_cost.mjs` after ./dev build.
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { startFakeFleet } from './fake_fleet.mjs';
import { root } from './measured.mjs';
import { balancerAlone, benchmark, withService } from './processes.mjs';

const help = `node tests/bench/monitor_cost.mjs [--flag ...]

  --smoke        everything once and short: shows that it runs, measures nothing
  --seconds N    of each measurement (default 30)
  --build DIR    where the binary is (default build/release)
`;

const { values: flags } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '30' },
    build: { type: 'string', default: join(root, 'build/release') },
  },
});

const seconds = flags.smoke ? 0.5 : Number(flags.seconds);
const historySeconds = flags.smoke ? 1 : 105; // until every chart is as full as it gets
const settleMs = flags.smoke ? 100 : 5000; // what comes once is not what it costs

/**
 * Shares of a core: of the page's thread by what it did, and of all processes of the browser.
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').Page} page
 */
async function measure(browser, page) {
  const ofPage = await page.context().newCDPSession(page);
  const ofBrowser = await browser.newBrowserCDPSession();
  // Processor time, however busy the machine is otherwise.
  await ofPage.send('Performance.enable', { timeDomain: 'threadTicks' });
  const look = async () => {
    const { metrics } = await ofPage.send('Performance.getMetrics');
    const { processInfo } = await ofBrowser.send('SystemInfo.getProcessInfo');
    const of = (/** @type {string} */ name) =>
      metrics.find((metric) => metric.name === name)?.value ?? 0;
    return {
      at: performance.now() / 1000,
      page: of('TaskDuration'),
      script: of('ScriptDuration'),
      layout: of('LayoutDuration') + of('RecalcStyleDuration'),
      all: processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0),
    };
  };
  const before = await look();
  await delay(seconds * 1000);
  const after = await look();
  const share = (/** @type {'page' | 'script' | 'layout' | 'all'} */ what) =>
    `${(((after[what] - before[what]) / (after.at - before.at)) * 100).toFixed(1)} %`;
  return {
    page: share('page'),
    script: share('script'),
    layout: share('layout'),
    all: share('all'),
  };
}

async function main() {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    for (const { rooms, all } of [
      { rooms: 1000, all: false },
      { rooms: flags.smoke ? 1000 : 10_000, all: true },
    ]) {
      const binary = resolve(flags.build, 'spillway');
      await withService(balancerAlone(binary), async ({ port, redisSocket }) => {
        const fleet = await startFakeFleet({ socket: redisSocket, servers: 20, rooms });
        const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
        await delay(historySeconds * 1000);
        await page.goto(`http://127.0.0.1:${port}/monitor`);
        await page.getByRole('article').nth(19).waitFor();
        if (all) await page.getByRole('checkbox', { name: /^All rooms/ }).check();
        await delay(settleMs);
        const cost = await measure(browser, page);
        process.stdout.write(`20 servers, ${all ? rooms : 200} rooms: ${JSON.stringify(cost)}\n`);
        await page.close();
        await fleet.stop();
      });
    }
  } finally {
    await browser.close();
  }
}

await benchmark({ help, wanted: flags.help }, main);
