// The HTTP interface of the balancer, over real servers.
import { expect } from 'vitest';
import { isRecord } from './harness/messages.ts';
import { parseMetrics } from './harness/metrics.ts';
import type { RedisServer } from './harness/redis.ts';
import { test, type Stage } from './harness/stage.ts';
import { eventually } from './harness/wait.ts';

async function fleet(stage: Stage, flags: Record<string, string | number> = {}) {
  const redis: RedisServer = await stage.redis();
  const server = await stage.server(redis);
  const balancer = await stage.balancer(redis, { 'servers-min': 0, ...flags });
  await eventually(
    () => balancer.get('/servers/provision'),
    ({ status }) => status === 200,
  );
  return { redis, server, balancer };
}

test('provision gives a living server, under /api too, CORS open', async ({ stage }) => {
  const { server, balancer } = await fleet(stage);
  for (const path of [
    '/servers/provision',
    '/api/servers/provision',
    '/servers/provision?room=x',
  ]) {
    const answer = await balancer.get(path, { origin: 'https://example.org' });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ id: server.id, url: server.url });
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(answer.headers['content-type']).toContain('application/json');
  }
});

test('without a server provision is 404 with an error', async ({ stage }) => {
  const redis = await stage.redis();
  const balancer = await stage.balancer(redis, { 'servers-min': 0 });
  const answer = await balancer.get('/servers/provision');
  expect(answer.status).toBe(404);
  expect(isRecord(answer.json) && typeof answer.json['error']).toBe('string');
});

test('a server that was killed is not given any more', async ({ stage }) => {
  const { redis, server, balancer } = await fleet(stage);
  const second = await stage.server(redis);
  await server.child.kill9();
  await eventually(
    () => balancer.get('/servers/provision'),
    (answer) => isRecord(answer.json) && answer.json['id'] === second.id,
    5000,
  );
  const client = await redis.client();
  await eventually(
    () => client.exists(`server:${server.id}`),
    (exists) => exists === 0,
  );
});

test('ten provisions spread over two equal servers', async ({ stage }) => {
  const { redis, server, balancer } = await fleet(stage);
  const second = await stage.server(redis);
  await eventually(
    () => balancer.provision(),
    ({ id }) => id === second.id,
  );
  const given = await Promise.all(Array.from({ length: 40 }, () => balancer.provision()));
  for (const { id } of [server, second]) {
    expect(given.filter((answer) => answer.id === id).length).toBeGreaterThan(10);
  }
});

test('unknown paths are 404, wrong methods 405 with Allow, bad input 400, all JSON', async ({
  stage,
}) => {
  const { balancer } = await fleet(stage);
  const unknown = await balancer.get('/nothing/here');
  expect(unknown.status).toBe(404);
  const wrongMethod = await balancer.call('POST', '/servers/provision');
  expect(wrongMethod.status).toBe(405);
  expect(wrongMethod.headers['allow']).toContain('GET');
  const badInput = await balancer.get('/plan?users=many&rooms=1&interval=5s');
  expect(badInput.status).toBe(400);
  const noServer = await balancer.call('DELETE', '/servers/00000000-0000-4000-8000-000000000000');
  expect(noServer.status).toBe(404);
  for (const answer of [unknown, wrongMethod, badInput, noServer]) {
    expect(isRecord(answer.json) && typeof answer.json['error'], answer.text).toBe('string');
  }
});

test('healthz and metrics', async ({ stage }) => {
  const { redis, balancer } = await fleet(stage);
  expect(await balancer.get('/healthz')).toMatchObject({ status: 200, json: { status: 'ok' } });
  expect(parseMetrics((await balancer.get('/metrics')).text).size).toBeGreaterThan(3);
  await redis.kill9();
  await eventually(
    () => balancer.get('/healthz'),
    (answer) => answer.text.includes('degraded'),
  );
  await redis.startAgain();
  await eventually(
    () => balancer.get('/healthz'),
    (answer) => answer.text.includes('"ok"'),
  );
});

test('create starts a server, delete drains it', async ({ stage }) => {
  const redis = await stage.redis();
  const balancer = await stage.balancer(redis, { 'servers-min': 0, 'server-port': 0 });
  expect(await balancer.call('DELETE', '/servers/delete')).toMatchObject({
    status: 200,
    json: { message: 'no servers to delete' },
  });
  const created = await balancer.call('POST', '/servers/create');
  expect(created.status, created.text).toBe(200);
  const { id, url } = created.json as { id: string; url: string };
  const viewer = await stage.viewer(url);
  await viewer.join('lobby');
  await viewer.say('hello');
  expect(await balancer.provision()).toEqual({ id, url });
  expect(await balancer.call('DELETE', `/servers/${id}`)).toMatchObject({
    status: 200,
    json: { message: `killed server ${id}` },
  });
  await viewer.until(() => viewer.redistributes.length > 0);
  viewer.terminate();
  const client = await redis.client();
  await eventually(
    () => client.exists(`server:${id}`),
    (exists) => exists === 0,
  );
});

test('with an admin token the fleet changes only for who has it', async ({ stage }) => {
  const { balancer } = await fleet(stage, { 'admin-token': 'secret' });
  const remove = (headers: Record<string, string>) =>
    balancer.call('DELETE', '/servers/delete', headers);
  expect((await remove({})).status).toBe(401);
  expect((await remove({ authorization: 'Bearer wrong' })).status).toBe(401);
  expect((await balancer.call('POST', '/servers/create')).status).toBe(401);
  expect((await balancer.get('/servers/provision')).status).toBe(200);
  expect((await remove({ authorization: 'Bearer secret' })).status).toBe(200);
});

test('redis-stats shows servers and rooms with histories of 100 entries', async ({ stage }) => {
  const { server, balancer } = await fleet(stage);
  const viewers = await stage.viewers(3, server);
  for (const viewer of viewers) await viewer.join('lobby');
  await viewers[0]?.say('counted');
  const stats = await eventually(
    async () => (await balancer.get('/redis-stats')).json,
    (answer) => JSON.stringify(answer).includes('"lobby":3'),
  );
  expect(stats).toMatchObject({
    socketServers: [
      {
        server: { id: server.id, url: server.url },
        state: { chatRooms: { lobby: 3 }, status: 'up' },
      },
    ],
    chatRooms: { lobby: {} },
    blackList: {},
  });
  const { socketServers, chatRooms } = stats as {
    socketServers: { state: Record<string, unknown> }[];
    chatRooms: Record<string, Record<string, unknown>>;
  };
  for (const series of ['clients', 'socketWrites', 'timeouts', 'fanouts', 'busy', 'flushes']) {
    expect(socketServers[0]?.state[series], series).toHaveLength(100);
  }
  for (const series of ['clients', 'cumulativeMessages', 'cumulativeSocketWrites']) {
    expect(chatRooms['lobby']?.[series], series).toHaveLength(100);
  }
});
