// /stats/stream: first the whole, then what changed, so that who listens always has /redis-stats.
// Most of it is waiting for seconds, so the tests wait side by side.
import { expect } from 'vitest';
import type { Balancer } from './harness/balancer.ts';
import { errorOf, startBalancer, startFleet } from './harness/balancer_api.ts';
import { EventStream } from './harness/event_stream.ts';
import { parseMetrics } from './harness/metrics.ts';
import { get, RawConnection } from './harness/raw_http.ts';
import { isRecord } from './harness/messages.ts';
import {
  applyChange,
  applyToTotals,
  parseRedisStats,
  parseStreamState,
  type RedisStats,
  type Totals,
} from './harness/redis_stats.ts';
import { test, type Stage } from './harness/stage.ts';
import { eventually } from './harness/wait.ts';

/** What a page keeps: the whole, and every change applied to it. */
class Copy {
  readonly stream: EventStream;
  #state: RedisStats | undefined;
  #totals: Totals | undefined;
  #taken = 0;

  private constructor(stream: EventStream) {
    this.stream = stream;
  }

  static async open(stage: Stage, balancer: Balancer, query = ''): Promise<Copy> {
    const stream = await EventStream.open(`${balancer.url}/stats/stream${query}`);
    stage.onEnd(() => {
      stream.close();
      if (stream.violations.length > 0) throw new Error(stream.violations.join('\n'));
    });
    const copy = new Copy(stream);
    await stream.until(() => stream.events.length > 0);
    return copy;
  }

  /** After all events that came. */
  get state(): RedisStats {
    for (; this.#taken < this.stream.events.length; this.#taken += 1) {
      const event = this.stream.events[this.#taken];
      expect(event?.name).toBe(this.#taken === 0 ? 'state' : 'change');
      if (this.#state === undefined || this.#totals === undefined || event?.name === 'state') {
        const { stats, totals } = parseStreamState(event?.data);
        [this.#state, this.#totals] = [stats, totals];
      } else if (isRecord(event?.data)) {
        const { at, balancer } = event.data;
        this.#state = applyChange(this.#state, event.data);
        this.#totals = applyToTotals(this.#totals, at, balancer);
      }
    }
    if (this.#state === undefined) throw new Error('no event came');
    return this.#state;
  }

  get totals(): Totals {
    void this.state;
    return this.#totals ?? expect.fail();
  }

  async until(condition: (state: RedisStats) => boolean, limitMs?: number): Promise<void> {
    await this.stream.until(() => condition(this.state), limitMs);
  }
}

/** Neither the order of servers nor that of rooms means anything. */
function sorted(stats: RedisStats): RedisStats {
  return {
    ...stats,
    socketServers: stats.socketServers.toSorted((a, b) => (a.server.id < b.server.id ? -1 : 1)),
  };
}

/** What the balancer answers and what the copy has, of one and the same second. */
async function both(balancer: Balancer, copy: Copy): Promise<[RedisStats, RedisStats]> {
  for (;;) {
    await copy.stream.next();
    const events = copy.stream.events.length;
    const { json } = await balancer.get('/redis-stats');
    // A second that ended meanwhile says nothing.
    if (copy.stream.events.length === events) {
      return [sorted(parseRedisStats(json)), sorted(copy.state)];
    }
  }
}

async function expectEqual(balancer: Balancer, copy: Copy): Promise<void> {
  const [answered, copied] = await both(balancer, copy);
  expect(copied).toEqual(answered);
}

const last = (entries: readonly number[] | undefined): number => entries?.at(-1) ?? -1;

test.concurrent(
  'a copy kept from the stream is what /redis-stats says, whatever happens',
  async ({ stage }) => {
    const flags = { 'history-ttl': '1s' };
    const { redis, balancer } = await startBalancer(stage);
    const first = await stage.server(redis, flags);
    const copy = await Copy.open(stage, balancer);
    expect(copy.stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });

    // A server comes, rooms come, viewers and messages.
    const second = await stage.server(redis, flags);
    const names = ['lobby', 'Zürich "live" \\ 🐟', '0', 'constructor'];
    for (const name of names) {
      const viewer = await stage.viewer(first);
      await viewer.join(name);
      await viewer.say('hello');
    }
    const guest = await stage.viewer(second);
    await guest.join('lobby');
    await copy.until(({ chatRooms }) => last(chatRooms['lobby']?.clients) === 2);
    await copy.until(({ chatRooms }) =>
      names.every((name) => last(chatRooms[name]?.cumulativeMessages) === 1),
    );
    await expectEqual(balancer, copy);

    // A room is left on one server and stays on the other, and a new one is gone again.
    await guest.join('short-lived');
    await copy.until(({ chatRooms }) => chatRooms['short-lived'] !== undefined);
    await guest.close();
    await copy.until(({ chatRooms }) => chatRooms['short-lived'] === undefined);
    await copy.until(({ chatRooms }) => last(chatRooms['lobby']?.clients) === 1);
    await expectEqual(balancer, copy);

    // A server drains and is gone.
    await balancer.call('DELETE', `/servers/${second.id}`);
    await copy.until(({ socketServers }) => socketServers.length === 1);
    expect(copy.state.socketServers[0]?.server).toEqual({ id: first.id, url: first.url });
    expect(copy.state.decisions.map(({ what }) => what)).toEqual(['drain']);
    await expectEqual(balancer, copy);
    const fresh = await Copy.open(stage, balancer);
    expect(sorted(fresh.state)).toEqual(sorted(copy.state));
  },
);

test.concurrent('where little happens, little is sent', async ({ stage }) => {
  const { balancer, servers } = await startFleet(stage, 1);
  const viewers = await stage.viewers(20, servers[0] ?? expect.fail());
  await Promise.all(viewers.map((viewer, i) => viewer.join(`room-${i}`)));
  const copy = await Copy.open(stage, balancer, '?rooms=all');
  await copy.until(({ chatRooms }) => Object.keys(chatRooms).length === 20);
  await copy.stream.next();
  const { size, data } = await copy.stream.next();
  expect(data).toMatchObject({ chatRooms: {}, decisions: [], gone: { chatRooms: [] } });
  expect(size).toBeLessThan(400);
});

const namesOf = ({ chatRooms }: RedisStats): string => Object.keys(chatRooms).toSorted().join();

test.concurrent('?rooms=N is the busiest N, and all are all', async ({ stage }) => {
  const { balancer, servers } = await startFleet(stage, 1);
  const server = servers[0] ?? expect.fail();
  const fill = async (room: string, count: number): Promise<void> => {
    const viewers = await stage.viewers(count, server);
    await Promise.all(viewers.map((viewer) => viewer.join(room)));
  };
  await fill('large', 5);
  await fill('middle', 3);
  await fill('small', 1);
  const two = await Copy.open(stage, balancer, '?rooms=2');
  const all = await Copy.open(stage, balancer, '?rooms=all');
  const usual = await Copy.open(stage, balancer);
  await two.until((state) => namesOf(state) === 'large,middle');
  for (const copy of [all, usual]) {
    await copy.until((state) => namesOf(state) === 'large,middle,small');
  }
  // It comes whole, with the seconds before it was among the busiest.
  await fill('small', 3);
  await two.until((state) => namesOf(state) === 'large,small');
  expect(two.state.chatRooms['small']?.clients.slice(-3)).not.toEqual([0, 0, 4]);
  await two.until(({ chatRooms }) => last(chatRooms['small']?.clients) === 4);
  const [answered, copied] = await both(balancer, two);
  expect(copied.chatRooms['small']).toEqual(answered.chatRooms['small']);
  await expectEqual(balancer, all);
});

test.concurrent('?rooms= of anything else is 400', async ({ stage }) => {
  const { balancer } = await startBalancer(stage);
  for (const rooms of ['', '0', '-1', '10001', '1.5', '1e3', 'ALL', 'all+', '%31', '0x10', '+1']) {
    const answer = await balancer.get(`/stats/stream?rooms=${rooms}`);
    expect(answer.status, rooms).toBe(400);
    expect(errorOf(answer)).toMatch(/^rooms: /);
  }
  for (const rooms of ['1', '10000']) await Copy.open(stage, balancer, `?rooms=${rooms}`);
});

test.concurrent('a decision comes once, with the second in which it fell', async ({ stage }) => {
  const { balancer } = await startBalancer(stage, { 'servers-max': 1 });
  const early = await Copy.open(stage, balancer);
  expect((await balancer.call('POST', '/servers/create')).status).toBe(200);
  await early.until(({ decisions }) => decisions.length > 0);
  const late = await Copy.open(stage, balancer);
  expect((await balancer.call('DELETE', '/servers/delete')).status).toBe(200);
  for (const copy of [early, late]) {
    await copy.until(({ decisions }) => decisions.length === 2);
    await copy.until(({ socketServers }) => socketServers.length === 0);
    expect(copy.state.decisions.map(({ what }) => what)).toEqual(['create', 'drain']);
  }
});

test.concurrent('the totals are those of this balancer and of all rooms', async ({ stage }) => {
  const flags = { 'servers-max': 3, 'spawn-above': 1.25, 'redistribute-lag-ms': 40 };
  const { balancer, servers } = await startFleet(stage, 1, flags);
  const copy = await Copy.open(stage, balancer, '?rooms=1');
  expect(copy.totals.settings).toMatchObject({
    serversMin: 0,
    serversMax: 3,
    spawnAbove: 1.25,
    redistributeAbove: 1.15,
    redistributeLagMs: 40,
  });
  const before = last(copy.totals.provisions);
  for (let i = 0; i < 3; i += 1) await balancer.get('/servers/provision');
  const viewers = await stage.viewers(2, servers[0] ?? expect.fail());
  await Promise.all(viewers.map((viewer, i) => viewer.join(`room-${i}`)));
  await copy.until(
    () => last(copy.totals.provisions) === before + 3 && last(copy.totals.rooms) === 2,
  );
  await viewers[1]?.say('hello');
  await copy.until(() => copy.totals.messagesPerS.some((rate) => rate > 0));
  await copy.until(() => copy.totals.deciding);

  // Who comes later is told the same, and each second has its time.
  const late = await Copy.open(stage, balancer, '?rooms=1');
  await late.until(() => late.stream.events.length > 2);
  const times = late.totals.at.filter((at) => at > 0);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(copy.totals.at.filter((at) => late.totals.at.includes(at)).length).toBeGreaterThan(1);
});

const listenersMax = 512;

test('listeners beyond the limit are told so, and keep nobody else out', async ({ stage }) => {
  const { balancer } = await startBalancer(stage);
  const port = Number(new URL(balancer.url).port);
  const listeners = await Promise.all(
    Array.from({ length: listenersMax }, () => RawConnection.open(port)),
  );
  stage.onEnd(() => listeners.forEach((listener) => listener.destroy()));
  for (const listener of listeners) await listener.send(get('/stats/stream'));
  for (const listener of listeners) {
    await listener.until(() => listener.received.includes('event: state\n'), 20_000);
  }
  const refused = await balancer.get('/stats/stream');
  expect(refused.status).toBe(503);
  expect(errorOf(refused)).toBe('as many listen already as may; try again later');
  const streams = async (): Promise<number> =>
    parseMetrics((await balancer.get('/metrics')).text).get('spillway_http_streams') ?? -1;
  expect(await streams()).toBe(listenersMax);
  for (const listener of listeners) {
    await listener.until(() => listener.received.includes('event: change\n'), 20_000);
  }
  for (const listener of listeners) listener.destroy();
  await eventually(streams, (count) => count === 0);
  await Copy.open(stage, balancer);
});

test.concurrent(
  'so many different numbers of rooms are listened to, and no more',
  async ({ stage }) => {
    const { balancer } = await startBalancer(stage);
    for (let rooms = 1; rooms <= 16; rooms += 1) {
      const stream = await EventStream.open(`${balancer.url}/stats/stream?rooms=${rooms}`);
      stage.onEnd(() => stream.close());
    }
    const dropped = await EventStream.open(`${balancer.url}/stats/stream?rooms=17`);
    await dropped.until(() => dropped.ended);
    expect(dropped.events).toEqual([]);
    await Copy.open(stage, balancer, '?rooms=16');
  },
);

test.concurrent('a stop ends the streams, and waits for no listener', async ({ stage }) => {
  const { balancer } = await startBalancer(stage);
  const copy = await Copy.open(stage, balancer, '');
  expect(await balancer.stop(5000)).toEqual({ code: 0, signal: null });
  await copy.stream.until(() => copy.stream.ended);
});
