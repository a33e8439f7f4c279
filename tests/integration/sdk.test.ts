// The SDK of web/sdk against real servers, with its own timers and over real sockets.
import { expect } from 'vitest';
import { startFleet } from './harness/balancer_api.ts';
import type { RedisServer } from './harness/redis.ts';
import { SdkViewer } from './harness/sdk_viewer.ts';
import type { ChatServer } from './harness/server.ts';
import { test, type Stage } from './harness/stage.ts';

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${name} ${i}`);

async function sdkViewers(stage: Stage, count: number, balancer: string): Promise<SdkViewer[]> {
  return Promise.all(
    Array.from({ length: count }, () => SdkViewer.join(stage, { balancer }, { queueMax: 1000 })),
  );
}

/** Everybody saw the same, in one order, without a hole, and every line of each talker once, in its order. */
function expectSameOrder(viewers: readonly SdkViewer[], said: readonly string[][]): void {
  for (const viewer of viewers) {
    expect(viewer.gaps).toEqual([]);
    expect(viewer.texts).toEqual(viewers[0]?.texts);
    const seqs = viewer.messages.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  }
  for (const lines of said) {
    const own = new Set(lines);
    expect(viewers[0]?.texts.filter((text) => own.has(text))).toEqual(lines);
  }
}

async function redistribute(
  redis: RedisServer,
  { from, to, n }: { readonly from: ChatServer; readonly to?: ChatServer; readonly n: number },
): Promise<void> {
  const targets = to === undefined ? [] : [{ url: to.url, n }];
  const client = await redis.client();
  await client.publish(from.id, JSON.stringify({ type: 'redistribute', n, targets }));
}

/** Stands before the balancer and, while it is closed, lets no question through. */
class Gate {
  #isOpen = Promise.resolve();
  #open: (() => void) | undefined;

  readonly fetch = async (url: string, init: { signal: AbortSignal }): Promise<Response> => {
    await this.#isOpen;
    return fetch(url, init);
  };

  close(): void {
    this.#isOpen = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open?.();
  }
}

test('two viewers chat, by a balancer that gives them servers', async ({ stage }) => {
  const { balancer } = await startFleet(stage, 2);
  const [ada, bob] = await sdkViewers(stage, 2, balancer.url);
  if (ada === undefined || bob === undefined) throw new Error('unreachable: there are two');
  const { id, seq } = await ada.room.send('hello', { data: { name: 'ada' } });
  await bob.until(() => bob.messages.length === 1);
  expect(bob.messages[0]).toMatchObject({ text: 'hello', id, seq, data: { name: 'ada' } });
  expect(id.length).toBeLessThanOrEqual(12);
  await ada.until(() => ada.messages.length === 1); // one's own come back as well
  await bob.until(() => bob.room.viewers === 2);
  ada.close();
  await bob.until(() => bob.room.viewers === 1);
});

test('who comes later gets the history that it asks for', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const ada = await SdkViewer.join(stage, { server: server.url });
  await ada.sayAll(numbered('line', 20));
  const bob = await SdkViewer.join(stage, { server: server.url }, { history: 5 });
  await bob.until(() => bob.messages.length === 5);
  expect(bob.texts).toEqual(numbered('line', 20).slice(15));
});

test.for([true, false])('both wire forms, batch %s', async (batch, { stage }) => {
  const server = await stage.server(await stage.redis());
  const ada = await SdkViewer.join(stage, { server: server.url, batch });
  await ada.sayAll(numbered('line', 30));
  await ada.until(() => ada.messages.length === 30);
  expectSameOrder([ada], [numbered('line', 30)]);
});

test('kill -9 of a server while its viewers talk: nothing is lost, nothing comes twice', async ({
  stage,
}) => {
  const { balancer, servers } = await startFleet(stage, 2);
  const viewers = await sdkViewers(stage, 10, balancer.url);
  const doomed = servers.find(({ url }) => viewers.some((viewer) => viewer.url === url));
  const said = viewers.slice(0, 4).map((_, i) => numbered(`of ${i}`, 100));
  const talking = stage.beside(
    Promise.all(said.map((lines, i) => viewers[i]?.sayAll(lines) ?? Promise.reject())),
  );
  await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.messages.length > 80)));
  await doomed?.child.kill9();
  await talking;
  await Promise.all(
    viewers.map((viewer) => viewer.until(() => viewer.messages.length >= 400, 30_000)),
  );
  expectSameOrder(viewers, said);
  for (const { url } of viewers) expect(url).not.toBe(doomed?.url);
  expect(viewers.some(({ states }) => states.some(({ name }) => name === 'waiting'))).toBe(true);
});

test('a hand-over while everybody talks: no viewer notices', async ({ stage }) => {
  const { redis, balancer, servers } = await startFleet(stage, 2);
  const viewers = await sdkViewers(stage, 12, balancer.url);
  const [one, two] = servers;
  if (one === undefined || two === undefined) throw new Error('unreachable: there are two');
  const said = viewers.slice(0, 6).map((_, i) => numbered(`of ${i}`, 80));
  const talking = stage.beside(
    Promise.all(said.map((lines, i) => viewers[i]?.sayAll(lines) ?? Promise.reject())),
  );
  await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.messages.length > 60)));
  await redistribute(redis, { from: one, to: two, n: 12 });
  await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.url === two.url, 30_000)));
  await redistribute(redis, { from: two, n: 6 }); // to where the balancer says
  await talking;
  await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.messages.length >= 480)));
  expectSameOrder(viewers, said);
  for (const { states, errors } of viewers) {
    expect(new Set(states.map(({ name }) => name))).toEqual(new Set(['joined']));
    expect(errors).toEqual([]);
  }
});

test('a server that is stopped is left in time, and ends without waiting for anybody', async ({
  stage,
}) => {
  const { balancer, servers } = await startFleet(stage, 2);
  const viewers = await sdkViewers(stage, 6, balancer.url);
  const leaving = servers.find(({ url }) => viewers.some((viewer) => viewer.url === url));
  const lines = numbered('line', 100);
  const talking = stage.beside(viewers[0]?.sayAll(lines) ?? Promise.reject());
  await viewers[1]?.until(() => (viewers[1]?.messages.length ?? 0) > 20);
  expect(await leaving?.stop()).toEqual({ code: 0, signal: null });
  await talking;
  await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.messages.length >= 100)));
  expectSameOrder(viewers, [lines]);
  for (const { states } of viewers) {
    expect(new Set(states.map(({ name }) => name))).toEqual(new Set(['joined']));
  }
});

test('messages that the history no longer has are a gap of their number', async ({ stage }) => {
  const { balancer, servers } = await startFleet(
    stage,
    2,
    {},
    {
      'history-messages': 10,
      'history-window': '1ms',
    },
  );
  const gate = new Gate();
  const away = await SdkViewer.join(stage, { balancer: balancer.url, fetch: gate.fetch });
  const doomed = servers.find(({ url }) => url === away.url);
  const other = servers.find((server) => server !== doomed);
  if (other === undefined) throw new Error('unreachable: there are two');
  const talker = await SdkViewer.join(stage, { server: other.url });
  await talker.room.send('seen');
  await away.until(() => away.messages.length === 1);
  gate.close();
  await doomed?.child.kill9();
  await away.until(() => away.room.state.name === 'connecting');
  const seqs = await talker.sayAll(numbered('missed', 60));
  gate.open();
  const last = seqs.at(-1) ?? 0;
  await away.until(() => away.messages.at(-1)?.seq === last, 30_000);
  const first = away.messages[1]?.seq ?? 0;
  expect(away.gaps).toEqual([{ lost: first - 2, from: 2, to: first - 1 }]);
  expect(first).toBeGreaterThan(10);
});

test('lines beyond the rate wait their time, and are said in order', async ({ stage }) => {
  const server = await stage.server(await stage.redis(), { 'rate-limit': '5/300ms' });
  const ada = await SdkViewer.join(stage, { server: server.url });
  const lines = numbered('line', 15);
  await ada.sayAll(lines);
  await ada.until(() => ada.messages.length === 15);
  expectSameOrder([ada], [lines]);
  expect(ada.errors.length).toBeGreaterThan(0);
  for (const { code, retryAfterMs } of ada.errors) {
    expect(code).toBe('rate_limited');
    expect(retryAfterMs).toBeGreaterThan(0);
  }
});

test('what a server refuses rejects its own line, and no other', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const { room } = await SdkViewer.join(stage, { server: server.url });
  const outcomes = await Promise.allSettled([
    room.send('first'),
    room.send('x'.repeat(3000)),
    room.send(''),
    room.send('x'.repeat(100_000)), // the server closes the connection on that
    room.send('half a pair: \ud83c'), // the server cannot read the id of that
    room.send('a number that is none', { data: { huge: 1e20 } }),
    room.send('last'),
  ]);
  const codes = outcomes.map((outcome) =>
    outcome.status === 'fulfilled' ? 'ok' : (outcome.reason as { code: string }).code,
  );
  const [tooLong, bad] = ['message_too_long', 'bad_request'];
  expect(codes).toEqual(['ok', tooLong, bad, tooLong, bad, bad, 'ok']);
});

test('a room with a name that is none is closed', async ({ stage }) => {
  const { balancer, servers } = await startFleet(stage, 1);
  for (const where of [{ balancer: balancer.url }, { server: servers[0]?.url ?? '' }]) {
    const viewer = new SdkViewer('no{room', where);
    await viewer.until(() => viewer.room.state.name === 'closed');
    expect(viewer.room.state).toMatchObject({ error: { code: 'bad_request' } });
  }
});

test('a Redis that came back without its data is a gap of unknown size', async ({ stage }) => {
  const redis = await stage.redis();
  const server = await stage.server(redis);
  const ada = await SdkViewer.join(stage, { server: server.url });
  await ada.sayAll(numbered('before', 5));
  await ada.until(() => ada.messages.length === 5);
  const { epoch } = ada.messages[0] ?? {};
  const client = await redis.client();
  await client.flushAll();
  await ada.room.send('after');
  await ada.until(() => ada.texts.includes('after'));
  expect(ada.gaps).toEqual([{ lost: undefined }]);
  expect(ada.messages.at(-1)?.epoch).not.toBe(epoch);
});
