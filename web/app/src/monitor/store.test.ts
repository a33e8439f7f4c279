import { expect, test } from 'vitest';
import { MonitorStore } from './store.ts';
import { FakePlatform } from './testing/platform.ts';
import { changeOf, idOf, padded, roomOf, serverOf, stateOf } from './testing/wire.ts';

function open(): { platform: FakePlatform; store: MonitorStore; looks: () => number } {
  const platform = new FakePlatform();
  const store = new MonitorStore(platform, '/live');
  let looks = 0;
  store.subscribe(() => (looks += 1));
  store.start();
  return { platform, store, looks: () => looks };
}

const state = JSON.stringify(
  stateOf({ servers: [serverOf('1', { clients: padded(3) })], rooms: { lobby: roomOf([3]) } }),
);
const change = (second: number, parts = {}): string => JSON.stringify(changeOf(second, parts));

test('shows what came, and then what changed', async () => {
  const { platform, store } = open();
  expect(platform.stream.url).toBe('/live/stats/stream');
  expect(store.snapshot()).toMatchObject({ view: undefined, freshness: { state: 'connecting' } });
  platform.stream.handlers.onState(state);
  await platform.pass(0);
  expect(store.snapshot().view?.totals.viewers.now).toBe(3);
  expect(store.snapshot().freshness.state).toBe('live');
  const servers = [{ id: idOf('1'), state: { clients: 4 } }];
  platform.stream.handlers.onChange(change(1, { servers }));
  await platform.pass(100);
  expect(store.snapshot().view?.totals.viewers.now).toBe(4);
  expect(store.names.nameOf(idOf('1'))).toBe('127.0.0.1:8081');
});

test('a server that came back elsewhere under its id is called by its new address', () => {
  const { platform, store } = open();
  platform.stream.handlers.onState(state);
  const moved = serverOf('1', {}, 'ws://10.0.0.7:9000');
  platform.stream.handlers.onState(JSON.stringify(stateOf({ servers: [moved] })));
  expect(store.names.nameOf(idOf('1'))).toBe('10.0.0.7:9000');
});

test('looks at most ten times a second, whatever comes', async () => {
  const { platform, looks } = open();
  platform.stream.handlers.onState(state);
  for (let i = 0; i < 1000; i += 1) {
    platform.stream.handlers.onChange(change(i));
    await platform.pass(1);
  }
  await platform.pass(100);
  expect(looks()).toBeGreaterThan(5);
  expect(looks()).toBeLessThanOrEqual(12);
});

test('says that it is stale after three silent seconds, why, and counts them', async () => {
  const { platform, store } = open();
  platform.stream.handlers.onState(state);
  platform.healthy = 'degraded';
  await platform.pass(3000);
  expect(store.snapshot().freshness.state).toBe('live');
  await platform.pass(2000);
  expect(store.snapshot().freshness).toEqual({
    state: 'stale',
    words:
      'These numbers are 5 s old; the balancer has lost Redis; viewers stay connected; waiting for it',
  });
  expect(store.snapshot().view?.totals.viewers.now).toBe(3); // still there to be read
  platform.stream.handlers.onChange(change(9));
  await platform.pass(100);
  expect(store.snapshot().freshness.state).toBe('live');
});

test('a lost stream is opened again, with backoff, and its state replaces everything', async () => {
  const { platform, store } = open();
  platform.healthy = 'silent';
  platform.stream.handlers.onState(state);
  platform.stream.handlers.onEnd();
  await platform.pass(200);
  expect(platform.stream.closed).toBe(true);
  expect(store.snapshot().freshness.words).toContain('trying again in 1 s');
  await platform.pass(1000);
  expect(platform.streams).toHaveLength(2);
  platform.stream.handlers.onEnd();
  await platform.pass(1000);
  expect(platform.streams).toHaveLength(2);
  expect(store.snapshot().freshness.words).toContain('the balancer does not answer');
  await platform.pass(1500);
  expect(platform.streams).toHaveLength(3);
  platform.stream.handlers.onState(JSON.stringify(stateOf({})));
  await platform.pass(100);
  expect(store.snapshot().view?.servers).toEqual([]);
  expect(store.snapshot().freshness.state).toBe('live');
});

test('what it does not understand is said, and the stream begun anew', async () => {
  const { platform, store } = open();
  platform.stream.handlers.onState(state);
  platform.stream.handlers.onChange('{"at":');
  await platform.pass(100);
  expect(platform.stream.closed).toBe(true);
  expect(store.snapshot().problem).toBe('an event is no JSON');
  await platform.pass(2000);
  platform.stream.handlers.onState(state);
  await platform.pass(100);
  expect(store.snapshot().problem).toBe('');
});

test('all rooms are asked for when wanted, and what is shown stays until they come', async () => {
  const { platform, store } = open();
  platform.stream.handlers.onState(state);
  await platform.pass(100);
  store.setAllRooms(true);
  await platform.pass(100);
  expect(platform.streams.map(({ url, closed }) => [url, closed])).toEqual([
    ['/live/stats/stream', true],
    ['/live/stats/stream?rooms=all', false],
  ]);
  expect(store.snapshot()).toMatchObject({ allRooms: true, freshness: { state: 'live' } });
  expect(store.snapshot().view?.roomsTold).toBe(1);
});

test('nothing goes on after a stop', async () => {
  const { platform, store, looks } = open();
  platform.stream.handlers.onState(state);
  store.stop();
  await platform.pass(60_000);
  expect(looks()).toBe(0);
  expect(platform.streams).toHaveLength(1);
  expect(platform.stream.closed).toBe(true);
});
