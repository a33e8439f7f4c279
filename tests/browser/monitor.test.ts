// The monitor against a real system: what it shows, what can be done from it, and what it says when
// nothing comes any more.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Balancer } from '../integration/harness/balancer.ts';
import { startFleet } from '../integration/harness/balancer_api.ts';
import type { RedisServer } from '../integration/harness/redis.ts';
import { test } from '../integration/harness/stage.ts';
import { Talker } from '../integration/harness/talker.ts';
import { eventually } from '../integration/harness/wait.ts';
import { findings } from './axe.ts';
import { openPage, useBrowser } from './browser.ts';
import { lostBalancer, MonitorView } from './monitor_view.ts';

useBrowser();

const upFlags = { 'server-port': 0, 'server-rate-limit': 'off' };

async function serverUrl(balancer: Balancer): Promise<string> {
  const { json } = await balancer.get('/servers/provision');
  return String((json as { url: unknown }).url);
}

test('a spawn is seen: the load that led to it, the decision, the new server', async ({
  stage,
}) => {
  const flags = { 'servers-max': 2, 'spawn-writes': 20, 'spawn-window': '1s' };
  const up = await stage.up({ ...upFlags, ...flags });
  const view = new MonitorView(await openPage(stage, `${up.url}/monitor`));
  await view.is('Live');
  await view.shows(1);
  await view.page.getByText('1 server is up').waitFor();

  const viewer = await stage.viewer(await serverUrl(up));
  await viewer.join('lobby');
  const talker = new Talker(viewer, 1);
  await view.decisions.getByText('Spawn').waitFor();
  await view.decisions.getByText(/is over, and no other server has room/).waitFor();
  await view.shows(2);
  await eventually(
    () => view.total('Viewers').textContent(),
    (text) => text === '1',
  );
  expect(await view.total('Deliveries').textContent()).toMatch(/^[\d.,]+ ?K?\/s$/);
  await talker.finish();
  // Ids are of no use to a reader who has not seen them.
  expect(await view.decisions.first().textContent()).toMatch(/127\.0\.0\.1:\d+/);
});

test('servers are started and drained from the page, with a token that is asked for once', async ({
  stage,
}) => {
  const up = await stage.up({ ...upFlags, 'servers-max': 2, 'admin-token': 'open-sesame' });
  const page = await openPage(stage, `${up.url}/monitor`, { allowed: lostBalancer });
  const view = new MonitorView(page);
  await view.shows(1);

  await page.getByRole('button', { name: 'Start a server…' }).click();
  await view.dialog.getByRole('heading', { name: 'Start a server?' }).waitFor();
  await view.confirm();
  const token = view.dialog.getByLabel('Admin token');
  await token.fill('guess');
  await view.confirm();
  await view.dialog.getByText('did not take that token').waitFor();
  expect(await token.getAttribute('aria-invalid')).toBe('true');
  await token.fill('open-sesame');
  await view.confirm();
  await page.getByText(/127\.0\.0\.1:\d+ was started\./).waitFor();
  await view.shows(2);

  // What cannot be done is said where it was asked for.
  await page.getByRole('button', { name: 'Start a server…' }).click();
  await view.confirm();
  await view.dialog
    .getByText('There are already --servers-max 2', { exact: false })
    .or(view.dialog.getByText('Failed to start wss', { exact: false }))
    .waitFor();
  await view.dialog.getByRole('button', { name: 'Cancel' }).click();

  const name = (await view.servers.nth(1).getByRole('heading').textContent()) ?? '';
  const viewer = await stage.viewer(`ws://${name}`);
  await viewer.join('lobby');
  await view.drain(view.servers.nth(1)).click();
  await view.dialog.getByText(`Drain ${name}?`).waitFor();
  await view.confirm();
  await page.getByText(`${name} drains: its viewers move, then it ends.`).waitFor();
  await view.decisions.getByText(`a person ordered ${name} to drain`).waitFor();
  await view.servers.nth(1).getByText('Draining', { exact: true }).waitFor();
  expect(await view.drain(view.servers.nth(1)).isDisabled()).toBe(true);
  viewer.terminate();
  await view.shows(1);
  expect(await page.evaluate('Object.keys(localStorage).join()')).not.toContain('token');
});

test('a balancer that falls silent is said to be, and one that is back is live', async ({
  stage,
}) => {
  const up = await stage.up(upFlags);
  const page = await openPage(stage, `${up.url}/monitor`, { allowed: lostBalancer });
  const view = await new MonitorView(page).is('Live');
  expect(await page.title()).toBe('Monitor · Spillway');

  process.kill(up.child.pid, 'SIGSTOP');
  await view.is('Stale');
  await view.staleWords.getByText(/^These numbers are \d+ s old/).waitFor();
  await view.staleWords.getByText('the balancer does not answer').waitFor();
  expect(await page.title()).toBe('Stale · Monitor · Spillway');
  await view.shows(1); // what was known last can still be read
  process.kill(up.child.pid, 'SIGCONT');
  await view.is('Live');

  await up.close();
  await view.is('Stale');
  await view.staleWords.getByText(/trying again in \d+ s/).waitFor();
});

test('an outage of Redis is told apart from one of the balancer', async ({ stage }) => {
  const { redis, balancer } = await startFleet(stage, 1);
  const page = await openPage(stage, `${balancer.url}/monitor`, { allowed: lostBalancer });
  const view = await new MonitorView(page).is('Live');
  await redis.kill9();
  await view.is('Stale');
  await view.staleWords.getByText('the balancer has lost Redis').waitFor();
  await redis.startAgain();
  await view.is('Live');
});

/** Rooms and a server that are there only in Redis, which a balancer does not know. */
async function writeRooms(redis: RedisServer, count: number): Promise<void> {
  const client = await redis.client();
  const rooms = Array.from({ length: count }, (_, room) => ({
    value: `room-${room}`,
    score: 1 + (room % 500),
  }));
  await client.zAdd('chat-rooms:clients', rooms);
  await client.zAdd('chat-rooms:cumulative-messages', rooms);
  await client.zAdd('chat-rooms:cumulative-socket-writes', rooms);
}

async function rowCount(page: Page): Promise<number> {
  return page.getByRole('table', { name: 'Rooms' }).getByRole('row').count();
}

test('ten thousand rooms are as many rows as fit, sorted and searched', async ({ stage }) => {
  const { redis, balancer } = await startFleet(stage, 1);
  await writeRooms(redis, 10_000);
  const page = await openPage(stage, `${balancer.url}/monitor`);
  const view = await new MonitorView(page).is('Live');
  await page.getByText('200 of 10.0 K').waitFor();
  await page.getByRole('checkbox', { name: /^All rooms/ }).check();
  await page.getByText('10.0 K of 10.0 K').waitFor();
  expect(await rowCount(page)).toBeLessThan(60);

  await page.getByRole('searchbox', { name: 'Search rooms by name' }).fill('ROOM-777');
  await page.getByText('11 found in 10.0 K').waitFor();
  expect(await view.roomNames()).toHaveLength(11);
  await page.getByRole('button', { name: 'Room', exact: true }).click();
  expect((await view.roomNames())[0]).toBe('room-777');
  const head = page.getByRole('columnheader', { name: /^Room/ });
  expect(await head.getAttribute('aria-sort')).toBe('ascending');
  await page.getByRole('searchbox').fill('no such room');
  await page.getByText('No room has “no such room” in its name.').waitFor();

  // The last of them can be reached.
  await page.getByRole('searchbox').fill('');
  const list = view.rooms.locator('[tabindex="0"]');
  await list.focus();
  await page.keyboard.press('End');
  await page.getByRole('link', { name: 'room-9999', exact: true }).waitFor();
});

test('everything can be done by keyboard', async ({ stage }) => {
  const up = await stage.up({ ...upFlags, 'servers-max': 2 });
  const page = await openPage(stage, `${up.url}/monitor`);
  const view = await new MonitorView(page).is('Live');
  await view.shows(1);
  const focused = (): Promise<string> =>
    page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
    });
  const tabTo = async (name: RegExp): Promise<void> => {
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press('Tab');
      if (name.test(await focused())) return;
    }
    throw new Error(`Tab does not lead to ${name}`);
  };

  await tabTo(/^Start a server/);
  await page.keyboard.press('Enter');
  await view.dialog.waitFor();
  await page.keyboard.press('Escape');
  await view.dialog.waitFor({ state: 'detached' });
  expect(await focused()).toMatch(/^Start a server/);

  await page.keyboard.press('Enter');
  await tabTo(/^Start$/);
  await page.keyboard.press('Enter');
  await view.shows(2);
  expect(await focused()).toMatch(/^Start a server/);

  await tabTo(/^Drain 127/);
  await page.keyboard.press('Enter');
  await tabTo(/^Drain and retire$/);
  await page.keyboard.press('Enter');
  await view.decisions.getByText(/a person ordered/).waitFor();

  await tabTo(/^Messages/);
  await page.keyboard.press('Enter');
  expect(
    await page.getByRole('columnheader', { name: /^Messages/ }).getAttribute('aria-sort'),
  ).toBe('descending');
});

async function isTooWide(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
}

for (const [colorScheme, width] of [
  ['light', 1280],
  ['dark', 1280],
  ['light', 375],
] as const) {
  test(`axe finds nothing serious: live, asked, stale; ${colorScheme}, ${width} wide`, async ({
    stage,
  }) => {
    const up = await stage.up({ ...upFlags, 'servers-max': 2, 'admin-token': 'open-sesame' });
    const options = { colorScheme, viewport: { width, height: 800 }, allowed: lostBalancer };
    const page = await openPage(stage, `${up.url}/monitor`, options);
    const view = await new MonitorView(page).is('Live');
    const viewer = await stage.viewer(await serverUrl(up));
    await viewer.join('lobby');
    await up.call('POST', '/servers/create', { authorization: 'Bearer open-sesame' });
    await view.shows(2);
    await view.rooms.getByRole('link', { name: 'lobby' }).waitFor();
    expect(await findings(page)).toEqual([]);
    expect(await isTooWide(page)).toBe(false);

    await view.drain(view.servers.first()).click();
    await view.confirm();
    await view.dialog.getByLabel('Admin token').waitFor();
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press('Escape');

    process.kill(up.child.pid, 'SIGSTOP');
    await view.is('Stale');
    expect(await findings(page)).toEqual([]);
    process.kill(up.child.pid, 'SIGCONT');
    await view.is('Live');
  });
}
