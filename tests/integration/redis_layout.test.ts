// What an operator sees with redis-cli: every key and channel that the fleet uses.
import { expect } from 'vitest';
import { golden } from './harness/golden.ts';
import { logEntries, type RedisClient } from './harness/redis.ts';
import { test } from './harness/stage.ts';
import { eventually } from './harness/wait.ts';

const serverZsets = ['clients', 'cumulative-socket-writes', 'event-loop', 'fanout'];
const roomZsets = ['clients', 'cumulative-messages', 'cumulative-socket-writes'];

async function zset(client: RedisClient, key: string): Promise<Record<string, number>> {
  const members = await client.zRangeWithScores(key, 0, -1);
  return Object.fromEntries(members.map(({ value, score }) => [value, score]));
}

const day = 24 * 3600;

for (const prefix of ['', 'live:']) {
  const named = prefix === '' ? 'plain names' : `--redis-prefix ${prefix}`;

  test(`the zsets say what servers and rooms do, ${named}`, async ({ stage }) => {
    const redis = await stage.redis();
    const client = await redis.client();
    const flags = { 'redis-prefix': prefix };
    const [first, second] = [await stage.server(redis, flags), await stage.server(redis, flags)];
    const [ada, bob, eve] = [
      await stage.viewer(first),
      await stage.viewer(first),
      await stage.viewer(second),
    ];
    for (const viewer of [ada, bob, eve]) await viewer.join('lobby');
    await ada.sayAll(['one', 'two', 'three']);
    for (const viewer of [ada, bob, eve]) await viewer.until(() => viewer.chats.length === 3);

    const clients = await eventually(
      () => zset(client, `${prefix}servers:clients`),
      (answer) => answer[first.id] === 2 && answer[second.id] === 1,
    );
    expect(Object.keys(clients)).toHaveLength(2);
    const rooms = await eventually(
      () => Promise.all(roomZsets.map((name) => zset(client, `${prefix}chat-rooms:${name}`))),
      ([, messages, writes]) => messages?.['lobby'] === 3 && (writes?.['lobby'] ?? 0) >= 9,
    );
    expect(rooms.map((room) => room['lobby'])).toEqual([3, 3, 9]);
    const servers = await eventually(
      () => Promise.all(serverZsets.map((name) => zset(client, `${prefix}servers:${name}`))),
      ([, writes]) => (writes?.[first.id] ?? 0) >= 6 && (writes?.[second.id] ?? 0) >= 3,
    );
    const [, writes, lag, fanout] = servers;
    expect([writes?.[first.id], writes?.[second.id]]).toEqual([6, 3]);
    expect(lag?.[first.id]).toBeGreaterThanOrEqual(0);
    expect(lag?.[first.id]).toBeLessThan(1000);
    expect([fanout?.[first.id], fanout?.[second.id]]).toEqual([3, 3]);
  });

  test(`the hash of a server describes it, ${named}`, async ({ stage }) => {
    const redis = await stage.redis();
    const client = await redis.client();
    const server = await stage.server(redis, { 'redis-prefix': prefix });
    const viewer = await stage.viewer(server);
    await viewer.join('lobby');
    const read = () => client.hGetAll(`${prefix}server:${server.id}`);
    const hash = await eventually(read, (answer) => answer['chat:lobby'] === '1');
    expect(hash).toMatchObject({ id: server.id, url: server.url, status: 'up' });
    for (const field of ['rss', 'heapTotal', 'heapUsed', 'busy', 'flushes', 'heartbeat']) {
      expect(Number(hash[field]), field).toBeGreaterThanOrEqual(0);
    }
    expect(Number(hash['rss'])).toBeGreaterThan(1_000_000);
    expect(Number(hash['busy'])).toBeLessThanOrEqual(1);
    const [seconds] = await client.sendCommand<string[]>(['TIME']);
    expect(Math.abs(Number(hash['heartbeat']) - Number(seconds) * 1000)).toBeLessThan(5000);
    await eventually(read, (answer) => Number(answer['heartbeat']) > Number(hash['heartbeat']));
    await viewer.join('elsewhere');
    await eventually(
      read,
      (answer) => answer['chat:lobby'] === undefined && answer['chat:elsewhere'] === '1',
    );
  });

  test(`a batch is published and logged as the same bytes, ${named}`, async ({ stage }) => {
    const redis = await stage.redis();
    const client = await redis.client();
    const heard = await redis.listen(`${prefix}room:*`);
    const server = await stage.server(redis, { 'redis-prefix': prefix });
    const viewer = await stage.viewer(server);
    const { epoch } = await viewer.join('lobby');
    await viewer.say('hello', { name: 'ada', color: '#f80' });
    await viewer.say('wörld\n"quoted"');
    await viewer.until(() => viewer.chats.length === 2);

    const log = await logEntries(client, `${prefix}room:{lobby}:log`);
    expect(log.map((entry) => entry.id)).toEqual(['1-0', '2-0']);
    for (const entry of log) expect(entry.fields).toEqual(['b']);
    await eventually(
      () => heard.length,
      (length) => length === 2,
    );
    expect(heard.map(({ channel }) => channel)).toEqual([
      `${prefix}room:{lobby}`,
      `${prefix}room:{lobby}`,
    ]);
    expect(heard.map(({ message }) => message)).toEqual(log.map(({ batch }) => batch));

    const numbers = log.map(({ batch }, index) => {
      const [head, ...lines] = batch.toString().split('\n');
      const [version, inEpoch, first, count, publisher, number, ...rest] = head?.split(' ') ?? [];
      expect(rest).toEqual([]);
      expect([version, inEpoch, first, count]).toEqual(['v1', epoch, String(index + 1), '1']);
      expect(publisher).toBe(server.id);
      const { type, seq, ...said } = viewer.chats[index] ?? {};
      expect([type, seq]).toEqual(['chat', index + 1]);
      expect(lines.map((line): unknown => JSON.parse(line))).toEqual([said]);
      return Number(number);
    });
    expect(numbers[1]).toBeGreaterThan(numbers[0] ?? Infinity);
  });

  test(`the meta of a room holds its epoch and position, ${named}`, async ({ stage }) => {
    const redis = await stage.redis();
    const client = await redis.client();
    const server = await stage.server(redis, { 'redis-prefix': prefix, 'history-ttl': '100s' });
    const viewer = await stage.viewer(server);
    const { epoch } = await viewer.join('lobby');
    await viewer.sayAll(['one', 'two', 'three']);
    const meta = await client.hGetAll(`${prefix}room:{lobby}:meta`);
    const run = /run_id:(\w+)/.exec(await client.info('server'))?.[1];
    expect(meta).toMatchObject({ epoch, seq: '3', run });
    expect(Object.entries(meta).some(([field]) => field.includes(server.id))).toBe(true);
    const [logTtl, metaTtl] = [
      await client.ttl(`${prefix}room:{lobby}:log`),
      await client.ttl(`${prefix}room:{lobby}:meta`),
    ];
    expect(logTtl).toBeGreaterThan(90);
    expect(logTtl).toBeLessThanOrEqual(102);
    expect(metaTtl).toBeGreaterThan(day - 60);
    expect(metaTtl).toBeLessThanOrEqual(day + 1);
  });

  test(`the server announces its URL and takes orders on its own channels, ${named}`, async ({
    stage,
  }) => {
    const redis = await stage.redis();
    const client = await redis.client();
    const heard = await redis.listen(`${prefix}server:*`);
    const id = '6ba7b810-9dad-41d1-80b4-00c04fd430c8';
    const server = await stage.server(redis, { 'redis-prefix': prefix, id });
    expect(server.id).toBe(id);
    await eventually(
      () => heard.length,
      (length) => length > 0,
    );
    expect(heard[0]?.channel).toBe(`${prefix}server:${id}`);
    expect(heard[0]?.message.toString()).toBe(server.url);

    const viewer = await stage.viewer(server);
    await viewer.join('lobby');
    const order = { type: 'redistribute', n: 1, targets: [] };
    expect(await client.publish(`${prefix}${id}`, JSON.stringify(order))).toBe(1);
    await viewer.until(() => viewer.redistributes.length === 1);
    expect(viewer.redistributes[0]).not.toHaveProperty('redirect');
  });

  test(`after a stop nothing of the server is left, the room stays, ${named}`, async ({
    stage,
  }) => {
    const redis = await stage.redis();
    const client = await redis.client();
    const server = await stage.server(redis, { 'redis-prefix': prefix });
    const viewer = await stage.viewer(server);
    await viewer.join('lobby');
    await viewer.say('kept');
    await eventually(
      () => zset(client, `${prefix}chat-rooms:clients`),
      (rooms) => rooms['lobby'] === 1,
    );
    viewer.terminate();
    expect(await server.stop()).toEqual({ code: 0, signal: null });

    expect(await client.exists(`${prefix}server:${server.id}`)).toBe(0);
    for (const name of serverZsets)
      expect(await zset(client, `${prefix}servers:${name}`)).toEqual({});
    expect((await zset(client, `${prefix}chat-rooms:clients`))['lobby'] ?? 0).toBe(0);
    expect(await client.exists(`${prefix}room:{lobby}:log`)).toBe(1);
    const keys = await client.keys('*');
    if (prefix !== '') expect(keys.filter((key) => !key.startsWith(prefix))).toEqual([]);
  });
}

test('a log lives --history-ttl after its last message or a little more, renewed now and then', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const viewer = await stage.viewer(await stage.server(redis, { 'history-ttl': '60s' }));
  await viewer.join('lobby');
  await viewer.say('first');
  let left = await client.pTTL('room:{lobby}:log');
  // A renewal once a second, to a second more than is promised.
  let renewals = 0;
  for (let said = 1; renewals < 2; said += 1) {
    await viewer.say(`line ${said}`);
    const now = await client.pTTL('room:{lobby}:log');
    if (now > left) {
      expect(now).toBeGreaterThan(60_000);
      renewals += 1;
    }
    expect(now).toBeLessThanOrEqual(61_000);
    left = now;
  }
  expect(viewer.chats.length).toBeGreaterThan(2 * renewals);
});

test('a log is cut now and then, when a sixteenth more is in it than is kept', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const flags = { 'history-messages': 64, 'history-window': '0s' };
  const viewer = await stage.viewer(await stage.server(redis, flags));
  await viewer.join('lobby');
  const lengths = [];
  for (let said = 1; said <= 80; said += 1) {
    await viewer.say(`line ${said}`);
    lengths.push(await client.xLen('room:{lobby}:log'));
  }
  expect(lengths.slice(0, 67)).toEqual(Array.from({ length: 67 }, (_, i) => i + 1));
  expect(lengths.slice(67)).toEqual([65, 66, 67, 68, 65, 66, 67, 68, 65, 66, 67, 68, 65]);
});

test('a server that speaks again after long renews its place in the meta, then now and then', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const meta = 'room:{lobby}:meta';
  const id = '3f0a5a52-6a0e-4a5e-8c61-0d5b3c6f2a10';
  await client.hSet(meta, `b:${id}`, '1 1 1 1000');
  const viewer = await stage.viewer(await stage.server(redis, { id }));
  await viewer.join('lobby');
  const spokeAt = async () => Number((await client.hGet(meta, `b:${id}`))?.split(' ')[3]);
  await viewer.say('one');
  expect(await spokeAt()).toBeGreaterThan(1_700_000_000);
  await client.hSet(meta, `b:${id}`, '2 1 1 1000');
  await viewer.say('two');
  expect(await spokeAt()).toBe(1000);
});

test('fleets with different prefixes on one Redis do not hear each other', async ({ stage }) => {
  const redis = await stage.redis();
  const [ours, theirs] = [
    await stage.viewer(await stage.server(redis, { 'redis-prefix': 'a:' })),
    await stage.viewer(await stage.server(redis, { 'redis-prefix': 'b:' })),
  ];
  await ours.join('lobby');
  await theirs.join('lobby');
  await ours.say('ours');
  await theirs.say('theirs');
  await ours.until(() => ours.chats.length > 0);
  await theirs.until(() => theirs.chats.length > 0);
  expect([ours.texts, theirs.texts]).toEqual([['ours'], ['theirs']]);
});

test('batches of an unknown version and malformed ones are skipped, later ones understood', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const viewer = await stage.viewer(await stage.server(redis));
  await viewer.join('lobby');
  const bad = golden('batches').filter(({ problem }) => problem !== undefined);
  expect(bad.length).toBeGreaterThan(5);
  for (const { text } of bad) await client.publish('room:{lobby}', text);
  await viewer.say('understood');
  await viewer.until(() => viewer.chats.length > 0);
  expect(viewer.texts).toEqual(['understood']);
});
