// The chat by keyboard alone.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { test } from '../integration/harness/stage.ts';
import { eventually } from '../integration/harness/wait.ts';
import { openPage, useBrowser } from './browser.ts';
import { ChatView } from './chat_view.ts';

useBrowser();

/** Goes on with Tab until something with that name has the focus, and that can be seen. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    const { label, outline } = await page.evaluate(() => {
      const element = document.activeElement ?? document.body;
      const labels = element instanceof HTMLTextAreaElement ? element.labels : undefined;
      return {
        label:
          element.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? element.textContent,
        outline: getComputedStyle(element).outlineStyle,
      };
    });
    if (typeof name === 'string' ? label !== name : !name.test(label)) continue;
    expect(outline, `the focus on ${name}`).not.toBe('none');
    return;
  }
  throw new Error(`Tab does not lead to ${name}`);
}

test('everything works by keyboard, in the order of the page', async ({ stage }) => {
  const up = await stage.up({ 'server-port': 0, 'server-rate-limit': 'off' });
  const page = await openPage(stage, `${up.url}/chat/lobby`, { name: 'ada' });
  const view = await new ChatView(page).connected();
  const { keyboard } = page;

  await keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(
    'Skip to the content',
  );
  await keyboard.press('Enter');
  await tabTo(page, 'Messages in lobby');

  await tabTo(page, /change your name/);
  await keyboard.press('Enter');
  await keyboard.press('ControlOrMeta+a');
  await keyboard.type('Grace Hopper');
  await keyboard.press('Tab');
  await keyboard.press('Tab');
  await keyboard.press('ArrowRight');
  await keyboard.press('Shift+Tab');
  await keyboard.press('Enter');

  // The focus is where one goes on.
  await keyboard.type('hello');
  await keyboard.press('Shift+Enter');
  await keyboard.type('in two lines');
  await keyboard.press('Enter');
  await view.shows('hello in two lines');
  expect(await view.log.locator('.author').last().textContent()).toBe('Grace Hopper');

  for (let line = 0; line < 60; line += 1) {
    await keyboard.type(`${line}`);
    await keyboard.press('Enter');
  }
  await view.shows('59');
  await page.reload();
  await view.connected();
  await view.shows('59');
  await tabTo(page, 'Messages in lobby');
  await keyboard.press('PageUp');
  await view.newest.waitFor();
  await keyboard.press('End');
  await view.newest.waitFor({ state: 'detached' });
  await eventually(
    () => view.fromEnd(),
    (pixels) => pixels < 2,
  );
  expect(await view.newest.count()).toBe(0);
});
