// What viewers see of each other, and of what goes wrong.
import { expect } from 'vitest';
import { descendants } from '../integration/harness/process_tree.ts';
import { test, type Stage } from '../integration/harness/stage.ts';
import { eventually } from '../integration/harness/wait.ts';
import { openPage, useBrowser, type OpenOptions } from './browser.ts';
import { ChatView, lostConnection } from './chat_view.ts';

useBrowser();

const unlimited = { 'server-port': 0, 'server-rate-limit': 'off' };

async function enter(stage: Stage, url: string, options: OpenOptions = {}): Promise<ChatView> {
  const page = await openPage(stage, `${url}/chat/lobby`, options);
  return new ChatView(page).connected();
}

/** A viewer without a browser, for what has to come from somebody else. */
async function somebody(stage: Stage, url: string) {
  const viewer = await stage.viewer(url);
  await viewer.join('lobby');
  return viewer;
}

test('two viewers talk, and see who is there', async ({ stage }) => {
  const up = await stage.up(unlimited);
  const ada = await enter(stage, up.url, { name: 'ada' });
  const bob = await enter(stage, up.url, { name: 'bob' });
  await ada.say('hello @bob, see https://example.org/a.');
  await bob.shows('hello @bob, see https://example.org/a.');
  await bob.say('hello @ada');
  for (const view of [ada, bob]) await view.shows('hello @ada');
  expect(await bob.texts()).toEqual(await ada.texts());

  const forBob = bob.log.locator('.line[data-for-me]');
  expect(await forBob.count()).toBe(1);
  expect(await forBob.locator('.author').textContent()).toBe('ada');
  const link = bob.log.getByRole('link');
  expect(await link.getAttribute('href')).toBe('https://example.org/a');
  expect(await link.getAttribute('rel')).toBe('noopener noreferrer nofollow');
  await ada.page.getByText('2 watching').waitFor();
});

test('what a stranger writes is text, whatever it is', async ({ stage }) => {
  const up = await stage.up(unlimited);
  const ada = await enter(stage, up.url);
  const stranger = await somebody(stage, (await up.provision()).url);
  const hostile = [
    '<img src=x onerror="document.title=1"><script>document.title=2</script>',
    'javascript:alert(1) data:text/html,<b>x</b> https://a@evil.example',
    '\u202Eright to left override \u0000 and a zero byte',
    'a\u0301'.repeat(500),
    'nospace'.repeat(200),
  ];
  const data = { name: '<b>\u202E\u0000</b>', color: 'red;background:url(https://evil.example)' };
  for (const message of hostile) await stranger.say(message, data);
  const shown = await ada.until((texts) => texts.length === hostile.length);
  expect(shown).toEqual(hostile);
  expect(await ada.log.locator('img, script, b').count()).toBe(0);
  expect(await ada.log.getByRole('link').count()).toBe(0);
  expect(await ada.page.title()).toBe('lobby · Spillway');
  const isWider = await ada.log.evaluate((element) => element.scrollWidth > element.clientWidth);
  expect(isWider).toBe(false);
});

test('a killed server costs nobody a line', async ({ stage }) => {
  const up = await stage.up({ ...unlimited, 'servers-min': 2, 'heal-delay': '100ms' });
  const views = [
    await enter(stage, up.url, { allowed: lostConnection }),
    await enter(stage, up.url, { allowed: lostConnection }),
  ];
  const said = await talkWhile(views, async (round) => {
    if (round !== 5) return;
    // All of them: wherever the viewers are, it dies under them.
    for (const { pid, program } of descendants(up.child.pid)) {
      if (program === 'spillway') process.kill(pid, 'SIGKILL');
    }
  });
  await allHaveAll(views, said);
});

test('a drained server hands its viewers over, unseen and without a lost line', async ({
  stage,
}) => {
  const up = await stage.up({ ...unlimited, 'servers-min': 2 });
  const views = [await enter(stage, up.url), await enter(stage, up.url)];
  for (const { page } of views) {
    await page.evaluate(() => {
      const status = document.querySelector('[role=status]');
      const seen: string[] = [];
      Object.assign(globalThis, { seen });
      if (status === null) throw new Error('no status');
      new MutationObserver(() => seen.push(status.textContent)).observe(status, {
        characterData: true,
        childList: true,
        subtree: true,
      });
    });
  }
  const before = await eventually(
    () => up.get('/redis-stats'),
    ({ text }) => (text.match(/"status":"up"/g) ?? []).length === 2,
  );
  const ids = [...before.text.matchAll(/"server":\{"id":"([^"]+)"/g)].map(([, id]) => id);
  const said = await talkWhile(views, async (round) => {
    const id = round === 3 ? ids[0] : round === 12 ? ids[1] : undefined;
    if (id !== undefined) expect((await up.call('DELETE', `/servers/${id}`)).status).toBe(200);
  });
  await allHaveAll(views, said);
  for (const { page } of views) expect(await page.evaluate('seen')).toEqual([]);
});

/** Both talk by turns, thirty lines each; `disturb` is told before each. */
async function talkWhile(
  views: readonly ChatView[],
  disturb: (round: number) => Promise<void>,
): Promise<readonly string[]> {
  const said: string[] = [];
  for (let round = 0; round < 30; round += 1) {
    await disturb(round);
    for (const [who, view] of views.entries()) {
      const text = `line ${round} of ${who}`;
      said.push(text);
      await view.say(text);
    }
  }
  return said;
}

async function allHaveAll(views: readonly ChatView[], said: readonly string[]): Promise<void> {
  const lists = await Promise.all(
    views.map((view) => view.until((texts) => texts.length >= said.length, 40_000)),
  );
  for (const list of lists) {
    expect(list.toSorted()).toEqual(said.toSorted());
    expect(list).toEqual(lists[0]);
  }
  for (const view of views) expect(await view.log.locator('[data-fate]').count()).toBe(0);
}

test('who reads further up is left in peace, and told how much came', async ({ stage }) => {
  const up = await stage.up(unlimited);
  const ada = await enter(stage, up.url);
  const stranger = await somebody(stage, (await up.provision()).url);
  // More than are in the page while it follows: the pause brings the others back.
  const before = Array.from({ length: 200 }, (_, line) => `before ${line}`);
  await stranger.sayAll(before);
  await ada.shows('before 199');
  expect((await ada.texts()).length).toBeLessThan(200);
  expect(await ada.fromEnd()).toBeLessThan(2);

  // The browser may be busy, and move the list only frames after the wheel was turned: the lines
  // that came back must not count as a move towards the end.
  await ada.log.evaluate(async (log) => {
    log.dispatchEvent(new WheelEvent('wheel', { deltaY: -1 }));
    for (let frame = 0; frame < 5; frame += 1) await new Promise(requestAnimationFrame);
  });
  expect(await ada.newest.count()).toBe(1);

  await ada.log.hover();
  await ada.page.mouse.wheel(0, -300);
  expect(await ada.texts()).toEqual(before);
  const top = await ada.log.evaluate((element) => element.scrollTop);
  for (let line = 0; line < 40; line += 1) await stranger.say(`later ${line}`);
  await ada.page.getByRole('button', { name: '40 new messages' }).waitFor();
  expect(await ada.texts()).not.toContain('later 0');
  const moved = (await ada.log.evaluate((element) => element.scrollTop)) - top;
  expect(Math.abs(moved)).toBeLessThanOrEqual(300);

  await ada.newest.click();
  await ada.shows('later 39');
  expect(await ada.fromEnd()).toBeLessThan(2);
  expect(await ada.newest.count()).toBe(0);
});

test('too many lines at once wait their turn, and the page says for how long', async ({
  stage,
}) => {
  const up = await stage.up({ 'server-port': 0, 'server-rate-limit': '2/3s' });
  const ada = await enter(stage, up.url);
  for (const text of ['one', 'two', 'three']) await ada.say(text);
  await ada.page
    .getByTestId('hold')
    .getByText(/Your next message goes out in [1-3] s/)
    .waitFor();
  // Said once: the seconds that count down are for the eye.
  await ada.page
    .getByRole('status')
    .getByText(/goes out in [1-3] s/)
    .waitFor();
  expect(await ada.until((texts) => texts.length === 3)).toEqual(['one', 'two', 'three']);
});

test('a line that is refused says why, and can be written anew', async ({ stage }) => {
  const up = await stage.up({ ...unlimited, 'server-message-bytes-max': '20B' });
  const ada = await enter(stage, up.url);
  await ada.say('longer than twenty bytes');
  await ada.page.getByText('Not sent: it is too long.').waitFor();
  await ada.page.getByRole('button', { name: 'Edit' }).click();
  expect(await ada.field.inputValue()).toBe('longer than twenty bytes');
  await ada.say('shorter');
  await ada.shows('shorter');
  expect(await ada.log.locator('[data-fate]').count()).toBe(0);
});

test('another room is another chat, and the way back leads back', async ({ stage }) => {
  const up = await stage.up(unlimited);
  const ada = await enter(stage, up.url);
  await ada.say('in the lobby');
  await ada.shows('in the lobby');
  await ada.page.getByRole('button', { name: 'Other room' }).click();
  await ada.page.getByRole('textbox', { name: 'Room' }).fill('a/b ü?');
  await ada.page.keyboard.press('Enter');
  await ada.page.getByRole('heading', { level: 1, name: 'a/b ü?' }).waitFor();
  await ada.connected();
  expect(await ada.texts()).toEqual([]);
  await ada.page.reload();
  await ada.page.getByRole('heading', { level: 1, name: 'a/b ü?' }).waitFor();
  await ada.connected();
  await ada.page.goBack();
  await ada.shows('in the lobby');
});

test('a frame of another page shows the chat alone', async ({ stage }) => {
  const up = await stage.up(unlimited);
  const page = await openPage(stage, `${up.url}/chat/lobby?embed`);
  const view = await new ChatView(page).connected();
  expect(await page.getByRole('navigation').count()).toBe(0);
  expect(await page.getByRole('region', { name: 'Player' }).count()).toBe(0);
  await view.say('hello');
  await view.shows('hello');
});
