// The capacity calculator: what it says is what `spillway plan` says.
import { expect } from 'vitest';
import { startFleet } from '../integration/harness/balancer_api.ts';
import { test } from '../integration/harness/stage.ts';
import { Talker } from '../integration/harness/talker.ts';
import { findings } from './axe.ts';
import { openPage, useBrowser } from './browser.ts';

useBrowser();

const refused = /Failed to load resource: the server responded with a status of 400/;

test('a question is answered as it is typed, and its address asks it again', async ({ stage }) => {
  const up = await stage.up({ 'server-port': 0 });
  const page = await openPage(stage, `${up.url}/plan`);
  const cells = (label: string): Promise<string[]> =>
    page
      .getByRole('row', { name: new RegExp(`^${label}`) })
      .getByRole('cell')
      .allTextContents();
  await page.getByLabel('Users', { exact: true }).fill('100');
  await page.getByLabel('Rooms', { exact: true }).fill('5');
  await page.getByLabel('Interval', { exact: true }).fill('30s');
  await page.getByLabel('Distribution of users over rooms').selectOption('Equal rooms');
  await page.getByText('for 66.67 deliveries/s').waitFor();
  expect(await cells('Deliveries')).toEqual(['66.67/s', '266.67/s', '6,667/s']);
  expect(await cells('Memory of the servers')).toEqual(['14.0 MiB', '14.1 MiB', '15.1 MiB']);
  await page.getByText(/^100 times the deliveries, on 1 server/).waitFor();
  expect(new URL(page.url()).hash).toBe('#users=100&rooms=5&interval=30s&distribution=uniform');

  const other = await openPage(stage, page.url());
  await other.getByText('for 66.67 deliveries/s').waitFor();
  expect(await other.getByLabel('Rooms', { exact: true }).inputValue()).toBe('5');
});

test('what is wrong is said at its field, by the page or by the balancer', async ({ stage }) => {
  const up = await stage.up({ 'server-port': 0 });
  const page = await openPage(stage, `${up.url}/plan`, { allowed: refused });
  await page.getByText(/deliveries\/s\. The first/).waitFor();
  const users = page.getByLabel('Users', { exact: true });
  await users.fill('many');
  await page.getByText('Give a whole number from 1 to 100,000,000.').waitFor();
  expect(await users.getAttribute('aria-invalid')).toBe('true');
  await page.getByText('Below is the last answer.').waitFor();
  await users.fill('500');
  const interval = page.getByLabel('Interval', { exact: true });
  await interval.fill('90d');
  await page.getByText("'90d' is out of bounds; give 1ms to 30d.").waitFor();
  expect(await interval.getAttribute('aria-invalid')).toBe('true');
  expect(await findings(page)).toEqual([]);
  await interval.fill('1h');
  await page.getByText('Below is the last answer.').waitFor({ state: 'detached' });
  expect(await interval.getAttribute('aria-invalid')).toBe('false');
});

test('a fleet fills it in as it is', async ({ stage }) => {
  const { balancer, servers } = await startFleet(stage, 1, {}, { 'rate-limit': 'off' });
  const page = await openPage(stage, `${balancer.url}/plan`);
  const fill = page.getByRole('button', { name: 'Fill in from the live fleet' });
  await fill.click();
  await page.getByText('Nobody is in any room now.').waitFor();

  const viewers = await stage.viewers(3, servers[0] ?? expect.fail());
  await Promise.all(viewers.map((viewer) => viewer.join('lobby')));
  const talker = new Talker(viewers[0] ?? expect.fail(), 1);
  await expect
    .poll(
      async () => {
        await fill.click();
        await page.getByText('Asking…').waitFor({ state: 'detached' });
        return page.getByLabel('Users', { exact: true }).inputValue();
      },
      { timeout: 15_000 },
    )
    .toBe('3');
  expect(await page.getByLabel('Rooms', { exact: true }).inputValue()).toBe('1');
  expect(await page.getByLabel('Interval', { exact: true }).inputValue()).toMatch(
    /^\d+(\.\d+)?m?s$/,
  );
  await talker.finish();
});
