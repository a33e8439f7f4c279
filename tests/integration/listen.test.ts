// Ports and descriptors: what a server does when it does not get what it asked for.
import { connect, createServer, type Socket } from 'node:net';
import { expect } from 'vitest';
import { fetchText } from './harness/balancer.ts';
import { freePort } from './harness/redis.ts';
import { test } from './harness/stage.ts';
import { eventually } from './harness/wait.ts';

test('exactly one line goes to stdout: the url and the id', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  await viewer.say('something happens');
  viewer.terminate();
  await server.stop();
  expect(server.child.stdoutLines).toHaveLength(1);
  expect(server.child.stdout).toMatch(
    /^listening ws:\/\/127\.0\.0\.1:\d+\/? id=[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}\n$/,
  );
});

for (const threads of [1, 2]) {
  test(`of servers that want one port each gets one of its own, ${threads} loops`, async ({
    stage,
  }) => {
    const redis = await stage.redis();
    const port = await freePort();
    const servers = [
      await stage.server(redis, { port, threads }),
      await stage.server(redis, { port, threads }),
      await stage.server(redis, { port, threads }),
    ];
    expect(servers[0]?.port).toBe(port);
    expect(new Set(servers.map((server) => server.port)).size).toBe(3);
    for (const server of servers) {
      expect(server.port).toBeGreaterThanOrEqual(port);
      expect(server.port).toBeLessThan(port + 20);
      for (let i = 0; i < 5; i += 1) {
        const viewer = await stage.viewer(server); // not by chance: each time the right one
        expect(viewer.welcome?.server).toBe(server.id);
      }
    }
  });
}

test('a port that another program holds is left alone', async ({ stage }) => {
  const held = createServer();
  await new Promise<void>((resolve) => held.listen(0, '127.0.0.1', resolve));
  stage.onEnd(() => void held.close());
  const address = held.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  const server = await stage.server(await stage.redis(), { port: address.port });
  expect(server.port).toBeGreaterThan(address.port);
});

test('--advertise-url is what is told, and needed with a wildcard host', async ({ stage }) => {
  const redis = await stage.redis();
  const refused = stage.launch(redis.url, { host: '0.0.0.0' });
  expect(await refused.child.exited()).toEqual({ code: 2, signal: null });
  expect(refused.child.stderrLines).toHaveLength(1);
  expect(refused.child.stderr).toContain('--advertise-url');
  const url = 'wss://chat.example.org/ws';
  const server = await stage.server(redis, { host: '0.0.0.0', 'advertise-url': url });
  expect(server.url).toBe(url);
  const client = await redis.client();
  expect(await client.hGet(`server:${server.id}`, 'url')).toBe(url);
});

async function connected(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

test('at the descriptor limit accepting pauses, says so once, and goes on later', async ({
  stage,
}) => {
  const server = await stage.server(
    await stage.redis(),
    { 'connections-max': 10_000 },
    { descriptors: 100 },
  );
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  const idle: Socket[] = [];
  stage.onEnd(() => idle.forEach((socket) => socket.destroy()));
  while (idle.length < 150) idle.push(await connected(server.port)); // the kernel takes them all
  const warnings = (): string[] =>
    server.child.stderrLines.filter((line) => line.includes('accepting paused'));
  await server.child.until(() => warnings().length > 0);
  expect(await viewer.say('who is in is served')).toBe(1);
  for (const socket of idle) socket.destroy();
  const answer = await eventually(
    () => fetchText(`${server.httpUrl}/healthz`).catch(() => undefined),
    (result) => result !== undefined,
  );
  expect(answer?.status).toBe(200);
  const late = await stage.viewer(server);
  await late.join('lobby');
  expect(warnings()).toHaveLength(1);
});

test('beyond --connections-max nobody gets in until somebody leaves', async ({ stage }) => {
  const server = await stage.server(await stage.redis(), { 'connections-max': 3 });
  const [leaving, staying] = await stage.viewers(3, server);
  await staying?.join('lobby');
  let inside = false;
  const waiting = stage.beside(stage.viewer(server).finally(() => (inside = true)));
  await server.child.until(() => server.child.stderr.includes('accepting paused'));
  await staying?.say('who is in is served');
  expect(inside).toBe(false);
  leaving?.terminate();
  const late = await waiting;
  expect(await late.join('lobby')).toMatchObject({ viewers: 2 });
});
