// Redis holds and says what no server of ours wrote: counted and skipped, and chat goes on.
import { expect } from 'vitest';
import { fetchText } from './harness/balancer.ts';
import { isRecord } from './harness/messages.ts';
import { parseMetrics } from './harness/metrics.ts';
import type { RedisClient } from './harness/redis.ts';
import type { ChatServer } from './harness/server.ts';
import { test, type Stage } from './harness/stage.ts';
import type { Viewer } from './harness/viewer.ts';
import { eventually } from './harness/wait.ts';

const uuid = '0b8bb77e-4f0c-4c5a-9d57-0b8f5f9e7a11';
const line = '{"ts":1,"message":"forged"}';

interface Chat {
  readonly client: RedisClient;
  readonly server: ChatServer;
  readonly viewer: Viewer;
  readonly epoch: string;
}

/** A viewer in the lobby who has said one line. */
async function lobby(stage: Stage): Promise<Chat> {
  const redis = await stage.redis();
  const server = await stage.server(redis);
  const viewer = await stage.viewer(server);
  const { epoch } = await viewer.join('lobby');
  await viewer.say('before');
  return { client: await redis.client(), server, viewer, epoch };
}

async function counted(server: ChatServer, name: string, atLeast: number): Promise<number> {
  const read = async (): Promise<number> => {
    const { text } = await fetchText(`${server.httpUrl}/metrics`);
    return parseMetrics(text).get(`spillway_${name}_total`) ?? -1;
  };
  return eventually(read, (value) => value >= atLeast);
}

const health = async (server: ChatServer): Promise<string> =>
  (await fetchText(`${server.httpUrl}/healthz`)).text;

function batch(epoch: string, first: string | number, lines: readonly string[], n?: number) {
  return [`v1 ${epoch} ${first} ${n ?? lines.length} ${uuid} 1`, ...lines].join('\n');
}

test('what is no batch on the channel of a room is counted and skipped', async ({ stage }) => {
  const { client, server, viewer, epoch } = await lobby(stage);
  const malformed: (string | Buffer)[] = [
    '',
    '\n',
    'hello',
    '{"type":"chat","message":"x"}',
    'v1',
    `v1 ${epoch} 2`,
    batch(epoch, 2, []),
    batch(epoch, 2, [line], 2),
    batch(epoch, 2, [line, line], 1),
    batch(epoch, 2, [line], 4_000_000_000),
    batch(epoch, 2, [line], -1),
    batch(epoch, 0, [line]),
    batch(epoch, -1, [line]),
    batch(epoch, '9007199254740993', [line]),
    batch(epoch, '9007199254740992', [line, line]),
    batch(epoch, '18446744073709551617', [line]),
    batch('no such epoch', 2, [line]),
    batch(epoch, 2, [line]).slice(0, -1),
    batch(epoch, 2, [`${line}\r`]),
    Buffer.concat([Buffer.from(batch(epoch, 2, ['{"ts":1,"message":"'])), Buffer.from([0xff])]),
    Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) & 0xff)),
    'x'.repeat(1 << 20),
    batch(epoch, 2, [`{"ts":1,"message":"${'x'.repeat(1 << 20)}"}`]),
  ];
  // Each would go to every viewer as it is.
  const noMessages = [
    '{"}',
    '{"ts":1,"message":"x"',
    '{"ts":1,"message":}',
    '{"ts":1,"message":"x"}}',
    '{"ts":1,"message":"x"},{"ts":1}',
    '{"ts":1,"message":"\\ud800"}',
    '{"ts":1}',
    '{"message":"x"}',
    '{"ts":1,"message":7}',
    '{"ts":1,"message":"x","seq":9,"type":"gap"}',
    '{"ts":1,"message":"x","id":7}',
    '{"ts":1,"message":"x","data":"y"}',
    '{"a":'.repeat(100) + '1' + '}'.repeat(100),
  ].map((text) => batch(epoch, 2, [text]));
  const unknown = ['v2 anything', 'v999999999 x', `v0 ${epoch} 2 1 ${uuid} 1\n${line}`];
  for (const bytes of [...malformed, ...noMessages, ...unknown]) {
    expect(await client.publish('room:{lobby}', bytes as string)).toBe(1);
  }
  const expected = malformed.length + noMessages.length;
  expect(await counted(server, 'bus_malformed', expected)).toBe(expected);
  expect(await counted(server, 'bus_unknown_version', unknown.length)).toBe(unknown.length);
  expect(await viewer.say('after')).toBe(2);
  expect(viewer.texts).toEqual(['before', 'after']);
});

test('well-formed batches of another order are not believed', async ({ stage }) => {
  const { client, viewer } = await lobby(stage);
  for (const first of [1, 2, 1000, '9007199254740992']) {
    await client.publish('room:{lobby}', batch('another', first, [line]));
  }
  expect(await viewer.say('after')).toBe(2);
  expect(viewer.texts).toEqual(['before', 'after']);
});

test('a forged seq far ahead is a gap and then a new epoch, in which chat goes on', async ({
  stage,
}) => {
  const { client, viewer, epoch } = await lobby(stage);
  await client.publish('room:{lobby}', batch(epoch, 1, [line])); // already there
  await client.publish('room:{lobby}', batch(epoch, '9007199254740992', [line]));
  await viewer.until(() => viewer.gaps.length === 1);
  expect(viewer.gaps).toEqual([{ from: 2, to: 9007199254740991 }]);
  await viewer.until(() => viewer.chats.length === 2);
  viewer.chat('after', { id: 'after' });
  await viewer.until(() => viewer.registered.length === 2 && viewer.acks.length === 2);
  expect(viewer.registered[1]?.epoch).not.toBe(epoch);
  expect(await viewer.say('on and on')).toBe((viewer.acks[1]?.seq ?? 0) + 1);
  expect(viewer.texts.at(-1)).toBe('on and on');
});

const order = (fields: object): string => JSON.stringify({ type: 'redistribute', ...fields });

test('what is no order on the control channel is counted and moves nobody', async ({ stage }) => {
  const { client, server, viewer } = await lobby(stage);
  const target = (url: unknown, n: unknown = 1): string => order({ n: 1, targets: [{ url, n }] });
  const nonsense: (string | Buffer)[] = [
    '',
    'redistribute',
    '[]',
    'null',
    '"drain"',
    '{"type":"drain"',
    '{"type":"drain"}{"type":"drain"}',
    '{"type":"shut down"}',
    '{"type":7}',
    order({}),
    order({ n: 'all' }),
    order({ n: -1 }),
    order({ n: 1.5 }),
    order({ n: 1e10 }),
    '{"type":"redistribute","n":18446744073709551617}',
    order({ n: 1, targets: 'all' }),
    order({ n: 1, targets: {} }),
    order({ n: 1, targets: ['ws://a'] }),
    order({ n: 1, targets: Array.from({ length: 1001 }, () => ({ url: 'ws://a', n: 1 })) }),
    target('javascript:alert(1)'),
    target('http://example.org'),
    target('ws://'),
    target('ws://a b'),
    target('ws://a\r\nSet-Cookie: x'),
    target(`ws://${'a'.repeat(3000)}`),
    target(7),
    target('ws://a', 'many'),
    target('ws://a', -1),
    '['.repeat(100_000),
    `${'{"type":'.repeat(1000)}1${'}'.repeat(1000)}`,
    Buffer.from([0xff, 0xfe, 0, 1, 2]),
    'x'.repeat(5 << 20),
  ];
  for (const bytes of nonsense) expect(await client.publish(server.id, bytes as string)).toBe(1);
  expect(await counted(server, 'control_malformed', nonsense.length)).toBe(nonsense.length);
  expect(await viewer.say('after')).toBe(2);
  expect(viewer.redistributes).toEqual([]);
  // Of the largest order that is one only those who are there go.
  await client.publish(server.id, order({ n: 10_000_000 }));
  await viewer.until(() => viewer.redistributes.length === 1);
});

test('entries in the log that are none are skipped, what is left is a resume with its loss said', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const first = await stage.server(redis);
  const viewer = await stage.viewer(first);
  const { epoch } = await viewer.join('lobby');
  for (const text of ['one', 'two', 'three']) await viewer.say(text);
  const log = 'room:{lobby}:log';
  const [, , third] = (await client.xRange(log, '-', '+')) ?? [];
  await client.del(log);
  await client.xAdd(log, '1-0', { x: 'no field b' });
  await client.xAdd(log, '1-7', { b: '' });
  await client.xAdd(log, '2-0', { b: batch(epoch, 2, ['{"}']) });
  await client.xAdd(log, '2-1', { b: 'v1 nothing' });
  await client.xAdd(log, '3-0', { b: third?.message['b'] ?? '', c: 'more' });

  const second = await stage.server(redis); // it knows the room only from there
  const late = await stage.viewer(second);
  const answer = await late.join('lobby', { since: { epoch, seq: 0 } });
  expect(answer).toMatchObject({ epoch, recovered: false });
  await late.until(() => late.chats.length === 1);
  expect(late.texts).toEqual(['three']);
  await counted(second, 'bus_malformed', 1);
  expect(await late.say('four')).toBe(4);
  await viewer.until(() => viewer.chats.length === 4);

  // Ids that are no seqs, from ahead of the counter: that log is of another life.
  await client.xAdd(log, '1795000000000-0', { b: batch(epoch, 1_795_000_000_000, [line]) });
  expect(await late.say('five')).toBe(5);
  await viewer.until(() => viewer.chats.length === 5);
  const latest = await stage.viewer(await stage.server(redis));
  await latest.join('lobby', { history: 50 });
  await latest.until(() => latest.chats.length > 0);
  expect(latest.texts).toEqual(['five']);
});

for (const [what, field, value] of [
  ['a seq that is no number', 'seq', 'many'],
  ['a negative seq', 'seq', '-5'],
  ['a seq beyond what JSON can say', 'seq', '9223372036854775807'],
  ['an endless seq', 'seq', 'inf'],
  ['an epoch that is none', 'epoch', 'a b\n'],
] as const) {
  test(`${what} in the meta of a room begins a new epoch, and viewers stay`, async ({ stage }) => {
    const { client, viewer, epoch } = await lobby(stage);
    await client.hSet('room:{lobby}:meta', field, value);
    viewer.chat('after', { id: 'after' });
    await viewer.until(() => viewer.registered.length === 2 && viewer.acks.length === 2);
    expect(viewer.registered[1]?.epoch).not.toBe(epoch);
    const seq = await viewer.say('on and on');
    expect(seq).toBe((viewer.acks[1]?.seq ?? 0) + 1);
    expect(viewer.texts.at(-1)).toBe('on and on');
  });
}

test.concurrent(
  'a key of another kind in the place of a room: unavailable, said with its name, and well once it is gone',
  async ({ stage }) => {
    const { client, server, viewer } = await lobby(stage);
    await client.set('room:{theirs}:meta', 'of somebody else');
    const stranger = await stage.viewer(server);
    stranger.register('theirs');
    await client.del('room:{lobby}:log');
    await client.set('room:{lobby}:log', 'of somebody else');
    viewer.chat('refused', { id: 'refused' });
    await stranger.until(() => stranger.errors.length === 1, 16_000);
    await viewer.until(() => viewer.errors.length === 1, 16_000);
    expect(stranger.errors[0]).toMatchObject({ code: 'unavailable' });
    expect(viewer.errors[0]).toMatchObject({ code: 'unavailable', id: 'refused' });
    await counted(server, 'redis_refusals', 10);
    const said = server.child.stderrLines.filter((text) => text.includes('redis refused'));
    expect(said).toHaveLength(2);
    for (const key of ['room:{theirs}:meta', 'room:{lobby}:']) {
      expect(said.filter((text) => text.includes(key) && text.includes('delete'))).toHaveLength(1);
    }
    expect(await client.get('room:{theirs}:meta')).toBe('of somebody else');

    await client.del(['room:{theirs}:meta', 'room:{lobby}:log']);
    await stranger.join('theirs');
    expect(await stranger.say('mine now')).toBe(1);
    expect(await viewer.say('after')).toBe(2);
  },
);

test.concurrent(
  'keys of another kind in the place of the counts: degraded, chat goes on, counts come back',
  async ({ stage }) => {
    const { client, server, viewer } = await lobby(stage);
    await eventually(
      () => client.zScore('chat-rooms:cumulative-messages', 'lobby'),
      (score) => score === 1,
    );
    await client.del('servers:clients');
    await client.set('servers:clients', 'of somebody else');
    await eventually(
      () => health(server),
      (text) => text.includes('degraded'),
    );
    expect(await viewer.say('meanwhile')).toBe(2);
    await server.child.until(() => server.child.stderr.includes('redis refused what=count'));
    await client.del('servers:clients');
    await eventually(
      () => health(server),
      (text) => text.includes('"ok"'),
    );
    expect(await client.zScore('servers:clients', server.id)).toBe(1);
  },
);

test.concurrent('the balancer gives out no server that its keys make up', async ({ stage }) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const server = await stage.server(redis);
  const balancer = await stage.balancer(redis, { 'servers-min': 0 });
  await eventually(
    () => balancer.get('/servers/provision'),
    ({ status }) => status === 200,
  );
  const [seconds] = await client.sendCommand<string[]>(['TIME']);
  const now = `${Number(seconds) * 1000}`;
  const made: Readonly<Record<string, Record<string, string>>> = {
    'no uuid': { url: 'ws://evil:1', status: 'up', heartbeat: now },
    [uuid.replace('0b8', '001')]: { url: 'javascript:alert(1)', status: 'up', heartbeat: now },
    [uuid.replace('0b8', '002')]: { url: 'ws://', status: 'up', heartbeat: now },
    [uuid.replace('0b8', '003')]: { url: 'ws://a\r\nX: y', status: 'up', heartbeat: now },
    [uuid.replace('0b8', '004')]: { url: 'ws://evil:1', status: 'up', heartbeat: '9'.repeat(15) },
    [uuid.replace('0b8', '005')]: { url: 'ws://evil:1', status: 'up', heartbeat: 'now' },
    [uuid.replace('0b8', '006')]: { url: 'ws://evil:1', status: 'ready', heartbeat: now },
    [uuid.replace('0b8', '007')]: { url: 'ws://evil:1', heartbeat: now },
    [uuid.replace('0b8', '008')]: { status: 'up', heartbeat: now },
  };
  for (const [id, fields] of Object.entries(made)) {
    await client.zAdd('servers:clients', { value: id, score: -1e9 });
    await client.hSet(`server:${id}`, fields);
  }
  await client.zAdd('servers:clients', [
    { value: uuid, score: Number.NEGATIVE_INFINITY },
    { value: 'x'.repeat(100_000), score: 0 },
    { value: '', score: 0 },
  ]);
  await client.set(`server:${uuid}`, 'a string');
  const [odd] = [uuid.replace('0b8', '009')];
  await client.zAdd('servers:clients', { value: odd, score: 0 });
  await client.rPush(`server:${odd}`, 'a list');
  // It goes on reading past all of that: a server that comes now is found.
  const second = await stage.server(redis);
  const given: string[] = [];
  await eventually(
    async () => {
      given.push((await balancer.provision()).id);
      return given.filter((id) => id === second.id).length;
    },
    (times) => times >= 5,
  );
  expect(new Set([...given, server.id])).toEqual(new Set([server.id, second.id]));
  expect((await balancer.get('/healthz')).json).toEqual({ status: 'ok' });
});

test.concurrent(
  'the balancer survives keys of another kind in the place of its own',
  async ({ stage }) => {
    const redis = await stage.redis();
    const client = await redis.client();
    const server = await stage.server(redis);
    const balancer = await stage.balancer(redis, { 'servers-min': 0 });
    const provision = () => balancer.get('/servers/provision');
    await eventually(provision, ({ status }) => status === 200);
    const keys = ['servers:clients', 'servers:event-loop', 'chat-rooms:clients'];
    for (const key of keys) {
      await client.del(key);
      await client.set(key, 'of somebody else');
    }
    // The servers it knew are good for 5 s; after that it says that it knows none.
    const lost = await eventually(provision, ({ status }) => status !== 200);
    expect(lost.status).toBe(503);
    expect(isRecord(lost.json) && typeof lost.json['error']).toBe('string');
    expect((await balancer.get('/healthz')).text).toContain('degraded');
    await client.del(keys);
    const back = await eventually(provision, ({ status }) => status === 200);
    expect(back.json).toEqual({ id: server.id, url: server.url });
  },
);
