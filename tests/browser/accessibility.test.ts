// Each page in both themes and on a phone, by axe, which knows WCAG's rules.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { test } from '../integration/harness/stage.ts';
import { findings } from './axe.ts';
import { openPage, useBrowser } from './browser.ts';
import { ChatView } from './chat_view.ts';

useBrowser();

async function isTooWide(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
}

async function talk(view: ChatView): Promise<void> {
  await view.connected();
  await view.say('hello @ada, see https://example.org');
  await view.shows('hello @ada, see https://example.org');
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious on any page, ${colorScheme}`, async ({ stage }) => {
    const up = await stage.up({ 'server-port': 0, 'server-rate-limit': 'off' });
    for (const path of ['/', '/monitor', '/plan']) {
      const page = await openPage(stage, up.url + path, { colorScheme });
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await findings(page), path).toEqual([]);
    }
    const page = await openPage(stage, `${up.url}/chat/lobby`, { colorScheme, name: 'ada' });
    await talk(new ChatView(page));
    expect(await findings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Other room' }).click();
    await page.getByRole('button', { name: /change your name/ }).click();
    expect(await findings(page)).toEqual([]);
  });
}

test('on a phone everything fits, and nothing has to be moved sideways', async ({ stage }) => {
  const up = await stage.up({ 'server-port': 0 });
  for (const path of ['/', '/monitor', '/plan', '/chat/lobby']) {
    const page = await openPage(stage, up.url + path, { viewport: { width: 375, height: 667 } });
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await isTooWide(page), path).toBe(false);
    if (path !== '/chat/lobby') continue;
    await talk(new ChatView(page));
    const { height = 0 } = (await page.getByRole('log').boundingBox()) ?? {};
    expect(height).toBeGreaterThan(150);
    expect(await findings(page)).toEqual([]);
  }
});

test('the switch of the theme is kept, and goes before the system', async ({ stage }) => {
  const up = await stage.up({ 'server-port': 0 });
  const page = await openPage(stage, `${up.url}/`, { colorScheme: 'light' });
  const canvas = (): Promise<string> =>
    page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await canvas();
  await page.getByRole('combobox', { name: 'Theme' }).selectOption('Dark');
  const dark = await canvas();
  expect(dark).not.toBe(light);
  await page.goto(`${up.url}/chat/lobby`);
  expect(await canvas()).toBe(dark);
  await page.getByRole('combobox', { name: 'Theme' }).selectOption('Auto');
  expect(await canvas()).toBe(light);
});
