// The calls of the balancer's HTTP interface that change the fleet, over real servers.
import { createServer, type Server } from 'node:net';
import { expect } from 'vitest';
import { errorOf, provisioned, startBalancer, startFleet } from './harness/balancer_api.ts';
import { fleetOf } from './harness/fleet.ts';
import { parseRedisStats } from './harness/redis_stats.ts';
import { test, type Stage } from './harness/stage.ts';
import { eventually } from './harness/wait.ts';

test('create starts a server that is given at once, up to --servers-max', async ({ stage }) => {
  const { balancer } = await startBalancer(stage, { 'servers-max': 2 });
  const first = provisioned(await balancer.call('POST', '/servers/create'));
  expect(await balancer.provision()).toEqual(first);
  const viewer = await stage.viewer(first.url);
  await viewer.join('lobby');
  await viewer.say('hello');
  const second = provisioned(await balancer.call('POST', '/api/servers/create'));
  expect(second.id).not.toBe(first.id);
  const third = await balancer.call('POST', '/servers/create');
  expect(third.status).toBe(503);
  expect(errorOf(third)).toBe('failed to start wss: there are already --servers-max 2');
  const stats = parseRedisStats((await balancer.get('/redis-stats')).json);
  const ids = stats.socketServers.map(({ server }) => server.id);
  expect(ids.toSorted()).toEqual([first.id, second.id].toSorted());
  expect(stats.decisions.map(({ what }) => what)).toEqual(['create', 'create', 'create']);
});

test('--servers-max counts servers that others started, too', async ({ stage }) => {
  const { balancer } = await startFleet(stage, 1, { 'servers-max': 1 });
  const answer = await balancer.call('POST', '/servers/create');
  expect(answer.status).toBe(503);
  expect(errorOf(answer)).toBe('failed to start wss: there are already --servers-max 1');
});

/** No port comes after it, so a server that is told this one cannot take another. */
async function takeLastPort(stage: Stage): Promise<Server> {
  const server = createServer();
  stage.onEnd(() => void server.close());
  const listen = (): Promise<boolean> =>
    new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(65_535, '127.0.0.1', () => resolve(true));
    });
  // Another run of these tests may have it for a moment.
  await eventually(listen, (isTaken) => isTaken);
  return server;
}

test('create says why a server did not start, and works again when the cause is gone', async ({
  stage,
}) => {
  const taken = await takeLastPort(stage);
  const { balancer } = await startBalancer(stage, { 'server-port': 65_535 });
  for (let i = 0; i < 4; i += 1) {
    const answer = await balancer.call('POST', '/servers/create');
    expect(answer.status).toBe(503);
    expect(errorOf(answer)).toMatch(/^failed to start wss: .*exit/);
  }
  expect(balancer.child.stderr).toContain('65535');
  expect((await balancer.get('/servers/provision')).status).toBe(404);
  expect((await fleetOf(balancer))?.servers).toEqual([]);
  await new Promise((resolve) => taken.close(resolve));
  const started = provisioned(await balancer.call('POST', '/servers/create'));
  expect(started.url).toBe('ws://127.0.0.1:65535');
});

test('create says that Redis is away', async ({ stage }) => {
  const { redis, balancer } = await startBalancer(stage, { 'server-start-timeout': '500ms' });
  await redis.kill9();
  const answer = await balancer.call('POST', '/servers/create');
  expect(answer.status).toBe(503);
  expect(errorOf(answer)).toMatch(/^failed to start wss: .*Redis/);
});

test('delete drains a server chosen at random, until there is none', async ({ stage }) => {
  const { balancer, servers } = await startFleet(stage, 2);
  const left = new Set(servers.map(({ id }) => id));
  for (const path of ['/servers/delete', '/api/servers/delete']) {
    const answer = await balancer.call('DELETE', path);
    expect(answer.status).toBe(200);
    const id = /^\{"message":"killed server (.*)"\}$/.exec(answer.text)?.[1] ?? answer.text;
    expect(left.delete(id), id).toBe(true);
  }
  const answer = await balancer.call('DELETE', '/servers/delete');
  expect(answer.status).toBe(200);
  expect(answer.json).toEqual({ message: 'no servers to delete' });
  for (const server of servers) {
    expect(await server.child.exited()).toEqual({ code: 0, signal: null });
  }
});

test('delete by id drains that one: its viewers are moved, nobody new is sent there', async ({
  stage,
}) => {
  const { balancer, servers } = await startFleet(stage, 2, {}, { 'drain-timeout': '3s' });
  const [leaving, staying] = servers;
  if (leaving === undefined || staying === undefined) throw new Error('two were started');
  let isLeaving = false;
  const pick = async (): Promise<string> =>
    isLeaving ? (await balancer.provision('?room=lobby')).url : leaving.url;
  const follower = await stage.follower({ room: 'lobby', pick });
  isLeaving = true;
  const answer = await balancer.call('DELETE', `/servers/${leaving.id}`);
  expect(answer.status).toBe(200);
  expect(answer.json).toEqual({ message: `killed server ${leaving.id}` });
  for (let i = 0; i < 10; i += 1) expect((await balancer.provision()).id).toBe(staying.id);
  const shown = (await fleetOf(balancer))?.servers.find(({ id }) => id === leaving.id);
  expect(shown?.status ?? 'draining').toBe('draining');
  await follower.until(() => follower.url === staying.url, 20_000);
  expect(await leaving.child.exited(20_000)).toEqual({ code: 0, signal: null });
  expect(follower.unrecovered).toBe(0);
});

test('delete of a server that nobody knows is 404', async ({ stage }) => {
  const { balancer, servers } = await startFleet(stage, 1);
  const unknown = ['6f1c8a9e-3b52-4d7e-9a10-0123456789ab', 'nonsense', '', '%2e%2e%2f'];
  unknown.push(`${servers[0]?.id}/`, `${servers[0]?.id}x`);
  for (const id of unknown) {
    const answer = await balancer.call('DELETE', `/servers/${id}`);
    expect(answer.status, id).toBe(404);
    errorOf(answer);
  }
  expect((await balancer.provision()).id).toBe(servers[0]?.id);
});
