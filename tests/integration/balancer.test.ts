// The HTTP interface of the balancer, over real servers.
import { expect } from 'vitest';
import { isRecord } from './harness/messages.ts';
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
  const answer = await eventually(
    () => balancer.get('/servers/provision'),
    ({ status }) => status !== 503, // it has not read Redis yet
  );
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

test('provisions spread over equal servers', async ({ stage }) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const servers = [await stage.server(redis), await stage.server(redis)];
  await eventually(
    () => client.exists(servers.map(({ id }) => `server:${id}`)),
    (present) => present === 2,
  );
  const balancer = await stage.balancer(redis, { 'servers-min': 0 });
  await eventually(
    () => balancer.get('/servers/provision'),
    ({ status }) => status === 200,
  );
  const given = await Promise.all(Array.from({ length: 40 }, () => balancer.provision()));
  for (const server of servers) {
    expect(given.filter(({ id }) => id === server.id).length).toBeGreaterThanOrEqual(19);
  }
});

test('unknown paths are 404, wrong methods 405 with Allow, all JSON', async ({ stage }) => {
  const { balancer } = await fleet(stage);
  const unknown = [await balancer.get('/nothing/here'), await balancer.get('/api/nothing')];
  for (const answer of unknown) expect(answer.status).toBe(404);
  const wrong = [
    await balancer.call('POST', '/servers/provision'),
    await balancer.call('DELETE', '/api/healthz'),
  ];
  for (const answer of wrong) {
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toContain('GET');
  }
  for (const answer of [...unknown, ...wrong]) {
    expect(isRecord(answer.json) && typeof answer.json['error'], answer.text).toBe('string');
  }
});

test('healthz is degraded while Redis is away', async ({ stage }) => {
  const { redis, balancer } = await fleet(stage);
  expect(await balancer.get('/healthz')).toMatchObject({ status: 200, json: { status: 'ok' } });
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
