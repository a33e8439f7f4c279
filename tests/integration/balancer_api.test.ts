// The calls of the balancer's HTTP interface that only ask, with good input and bad, over real
// servers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { repository } from './harness/binary.ts';
import { errorOf, provisioned, startBalancer, startFleet } from './harness/balancer_api.ts';
import { parseMetrics } from './harness/metrics.ts';
import { exchange, statuses } from './harness/raw_http.ts';
import { parseRedisStats } from './harness/redis_stats.ts';
import { test } from './harness/stage.ts';
import { eventually } from './harness/wait.ts';

test('provision takes any name that a room may have, and answers 400 for what is none', async ({
  stage,
}) => {
  const { balancer, servers } = await startFleet(stage, 1);
  const good = ['', 'lobby', 'two+words', 'two%20words', 'Z%C3%BCrich', '%F0%9F%90%9F', 'a%26b'];
  good.push('x'.repeat(128), '%C3%BC'.repeat(64), 'lobby&room=%00', 'a=b', '%2e%2e%2f');
  for (const room of good) {
    const answer = await balancer.get(`/servers/provision?room=${room}`);
    expect(provisioned(answer), room).toEqual({ id: servers[0]?.id, url: servers[0]?.url });
  }
  const more = ['?', '?room', '?other=%zz', '?ROOM=%zz', '?&&=&room=lobby'];
  for (const query of more) provisioned(await balancer.get(`/servers/provision${query}`));

  const bad = ['%', '%4', '%zz', 'a%', '%+1', '%00', '%1F', '%7F', '%C2%85', '%7B', 'a%7Db'];
  bad.push(
    'x'.repeat(129),
    '%C3%BC'.repeat(65),
    '%FF',
    '%C3',
    '%ED%A0%80',
    '%C0%AF',
    '%F5%80%80%80',
  );
  for (const room of bad) {
    const answer = await balancer.get(`/servers/provision?room=${room}`);
    expect(answer.status, room).toBe(400);
    expect(errorOf(answer)).toMatch(/^room: /);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
  }
});

test('provision without servers is 404, and says so to pages too', async ({ stage }) => {
  const { balancer } = await startBalancer(stage);
  for (const query of ['', '?room=lobby']) {
    const answer = await balancer.get(`/servers/provision${query}`);
    expect(answer.status).toBe(404);
    expect(errorOf(answer)).toBe('no chat server is up');
    expect(answer.headers['access-control-allow-origin']).toBe('*');
  }
});

test('a room draws its viewers to the server where it is, others take turns', async ({ stage }) => {
  const { balancer, servers } = await startFleet(stage, 2);
  const first = await balancer.provision('?room=lobby');
  const viewer = await stage.viewer(first.url);
  await viewer.join('lobby');
  for (let i = 0; i < 20; i += 1) {
    expect(await balancer.provision('?room=lobby')).toEqual(first);
  }
  const others = await Promise.all(Array.from({ length: 20 }, () => balancer.provision()));
  const elsewhere = servers.find(({ id }) => id !== first.id);
  // They make up for the 21 of the lobby.
  expect(others.every(({ id }) => id === elsewhere?.id)).toBe(true);
});

test('through a short outage of Redis the last servers are given, then nobody knows', async ({
  stage,
}) => {
  const { redis, balancer, servers } = await startFleet(stage, 1);
  await redis.kill9();
  expect((await balancer.provision()).id).toBe(servers[0]?.id);
  const away = await eventually(
    () => balancer.get('/servers/provision'),
    ({ status }) => status !== 200,
  );
  expect(away.status).toBe(503);
  expect(errorOf(away)).toBe('Redis is away; try again later');
  const drain = await balancer.call('DELETE', '/servers/delete');
  expect(drain.status, drain.text).toBe(503);
  // What was read last can still be looked at.
  parseRedisStats((await balancer.get('/redis-stats')).json);
  await redis.startAgain();
  await eventually(
    () => balancer.get('/servers/provision'),
    ({ status }) => status === 200,
  );
});

test('the golden /redis-stats is of the shape that is documented', () => {
  const file = join(repository, 'docs/balancer/redis-stats.json');
  const golden = parseRedisStats(JSON.parse(readFileSync(file, 'utf8')));
  expect(golden.socketServers.length).toBeGreaterThan(0);
  expect(Object.keys(golden.chatRooms).length).toBeGreaterThan(0);
  expect(golden.decisions.length).toBeGreaterThan(0);
});

const last = (entries: readonly number[] | undefined): number => entries?.at(-1) ?? -1;

test('the real /redis-stats is of the same shape, and its numbers are right', async ({ stage }) => {
  const { balancer, servers } = await startFleet(stage, 1);
  const server = servers[0];
  if (server === undefined) throw new Error('one was started');
  const names = ['lobby', 'Zürich "live" \\ 🐟'];
  for (const name of names) {
    const viewers = await stage.viewers(2, server);
    await Promise.all(viewers.map((viewer) => viewer.join(name)));
    for (let i = 0; i < 3; i += 1) await viewers[0]?.say(`line ${i}`);
    await viewers[1]?.until(() => viewers[1]?.chats.length === 3);
  }
  const stats = await eventually(
    async () => parseRedisStats((await balancer.get('/redis-stats')).json),
    (answer) =>
      last(answer.socketServers[0]?.state.socketWrites) >= 12 &&
      names.every((name) => last(answer.chatRooms[name]?.cumulativeSocketWrites) >= 6) &&
      names.every((name) => answer.socketServers[0]?.state.chatRooms[name] === 2),
  );
  expect(stats.socketServers.map((one) => one.server)).toEqual([
    { id: server.id, url: server.url },
  ]);
  const state = stats.socketServers[0]?.state;
  expect(last(state?.clients)).toBe(4);
  expect(last(state?.socketWrites)).toBe(12);
  expect(last(state?.fanouts)).toBe(6);
  expect(last(state?.flushes)).toBeGreaterThan(0);
  expect(state?.clients[0]).toBe(0); // nobody has waited for a hundred seconds
  expect(state?.memory['rss']).toBeGreaterThan(1_000_000);
  expect(Object.keys(stats.chatRooms).toSorted()).toEqual(names.toSorted());
  for (const name of names) {
    expect(last(stats.chatRooms[name]?.clients)).toBe(2);
    expect(last(stats.chatRooms[name]?.cumulativeMessages)).toBe(3);
    expect(last(stats.chatRooms[name]?.cumulativeSocketWrites)).toBe(6);
  }
});

test('metrics are Prometheus text, and count what was asked', async ({ stage }) => {
  const { balancer } = await startFleet(stage, 2);
  const read = async (): Promise<Map<string, number>> => {
    const answer = await balancer.get('/metrics');
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    return parseMetrics(answer.text);
  };
  const before = await read();
  for (let i = 0; i < 5; i += 1) await balancer.provision();
  await balancer.get('/nothing/here');
  await balancer.call('DELETE', '/servers/delete');
  const after = await read();
  const grown = (name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? NaN);
  expect(after.get('spillway_redis_up')).toBe(1);
  expect(after.get('spillway_deciding')).toBe(1);
  expect(before.get('spillway_fleet_servers_up')).toBe(2);
  expect(after.get('spillway_fleet_servers_up')).toBe(1);
  expect(after.get('spillway_fleet_servers_other')).toBe(1);
  expect(grown('spillway_provisions_total')).toBe(5);
  expect(grown('spillway_decisions_total')).toBe(1);
  expect(grown('spillway_http_answers_total{status="4xx"}')).toBe(1);
  // Five, the drain, and this page's first one, which was answered after it was written.
  expect(grown('spillway_http_answers_total{status="2xx"}')).toBe(7);
});

const post = (bytes: number): string =>
  [
    'DELETE /servers/delete HTTP/1.1',
    'Host: localhost',
    `Content-Length: ${bytes}`,
    'Connection: close',
    '',
    'b'.repeat(bytes),
  ].join('\r\n');

test('a body is dropped up to 64 KiB, and refused beyond', async ({ stage }) => {
  const { balancer } = await startBalancer(stage);
  const port = Number(new URL(balancer.url).port);
  expect(await exchange(port, post(65_536))).toContain('no servers to delete');
  const refused = await exchange(port, post(65_537));
  expect(statuses(refused)).toEqual([413]);
  expect(refused).toContain('{"error":"send a body of at most 64 KiB"}');
});
