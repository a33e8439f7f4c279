// Pages in Debian's Chromium: one browser a file, a context of its own for each viewer.
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Stage } from '../integration/harness/stage.ts';
import { scaled } from '../integration/harness/wait.ts';

export const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface OpenOptions extends BrowserContextOptions {
  /** What the console may say: a browser reports each connection that it loses. */
  readonly allowed?: RegExp;
  readonly name?: string;
}

let browser: Browser | undefined;

/** Call it once at the top of a test file. */
export function useBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: chromiumArguments,
    });
  });
  afterAll(() => browser?.close());
}

/**
 * A page of a viewer of its own. The test fails if it logs an error or a warning, throws, or meets
 * its Content-Security-Policy, which a browser reports on the console too.
 */
export async function openPage(
  stage: Stage,
  url: string,
  { allowed, name, ...options }: OpenOptions = {},
): Promise<Page> {
  if (browser === undefined) throw new Error('call useBrowser() in this file');
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(scaled(15_000));
  const complaints: string[] = [];
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const isBad = message.type() === 'error' || message.type() === 'warning';
    if (isBad && allowed?.test(message.text()) !== true) complaints.push(message.text());
  });
  stage.onEnd(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });
  if (name !== undefined) {
    const viewer = JSON.stringify({ name, color: '#0369a1' });
    await page.addInitScript(`localStorage.setItem('spillway.viewer', ${JSON.stringify(viewer)})`);
  }
  await page.goto(url);
  return page;
}
