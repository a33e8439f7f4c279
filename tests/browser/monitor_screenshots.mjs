// The pictures of the monitor and the calculator in docs: `node tests/browser/monitor_screenshots.mjs`
// after ./dev build. A small fleet under load, which grows while one looks. They are looked at, not
// compared.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = new URL('../../', import.meta.url);
const binary = process.env.SPILLWAY_BIN ?? fileURLToPath(new URL('build/release/spillway', root));

const upFlags = ['--port=0', '--server-port=0', '--server-rate-limit=off', '--servers-max=3'];
upFlags.push('--servers-min=2', '--spawn-writes=8000', '--redistribute-lag-ms=60');

const loadFlags = ['--chatters=400', '--rooms=40', '--distribution=zipf:1.1', '--duration=0'];
loadFlags.push('--interval=500ms-1500ms', '--stagger=5ms');

async function startUp() {
  const up = spawn(binary, ['up', ...upFlags], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  for await (const chunk of up.stdout) {
    said += String(chunk);
    if (/^ready/m.test(said)) break;
  }
  const [, url = ''] = /^balancer +(\S+)/m.exec(said) ?? [];
  return { up, url };
}

const wide = { width: 1440, height: 900 };
const shots = [
  { file: 'monitor-light.png', path: '/monitor', colorScheme: 'light', viewport: wide },
  { file: 'monitor-dark.png', path: '/monitor', colorScheme: 'dark', viewport: wide },
  {
    file: 'monitor-phone.png',
    path: '/monitor',
    colorScheme: 'light',
    viewport: { width: 375, height: 720 },
  },
  {
    file: 'plan-light.png',
    path: '/plan',
    colorScheme: 'light',
    viewport: { width: 1120, height: 760 },
  },
];

const { up, url } = await startUp();
const load = spawn(binary, ['load', `--balancer=${url}`, ...loadFlags], { stdio: 'ignore' });
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  await delay(Number(process.env.SPILLWAY_SHOTS_AFTER ?? 110) * 1000); // the charts are full then
  for (const { file, path, ...options } of shots) {
    const page = await browser.newPage({ ...options, reducedMotion: 'reduce' });
    await page.goto(url + path);
    await page
      .getByText(/deliveries\/s|This balancer decides/)
      .first()
      .waitFor({ state: 'attached' });
    await delay(3500);
    await page.screenshot({ path: fileURLToPath(new URL(`docs/images/${file}`, root)) });
    await page.close();
  }
} finally {
  await browser.close();
  load.kill('SIGTERM');
  up.kill('SIGTERM');
  await once(up, 'exit');
}
