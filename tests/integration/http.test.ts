// The other HTTP on a server's port.
import { connect } from 'node:net';
import { expect } from 'vitest';
import { fetchText } from './harness/balancer.ts';
import { parseMetrics } from './harness/metrics.ts';
import { test } from './harness/stage.ts';
import { eventually } from './harness/wait.ts';

/** Sends bytes and returns all that comes back until the server closes. */
async function exchange(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ host: '127.0.0.1', port });
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => (answer += text));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    socket.write(request);
  });
}

const total = (metrics: Map<string, number>): number =>
  [...metrics].filter(([name]) => !name.includes('_bucket')).reduce((sum, [, n]) => sum + n, 0);

test('healthz is ok', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const answer = await fetchText(`${server.httpUrl}/healthz`);
  expect(answer.status).toBe(200);
  expect(answer.json).toEqual({ status: 'ok' });
  expect(answer.headers['content-type']).toContain('application/json');
});

test('healthz is degraded while Redis is away and ok when it is back', async ({ stage }) => {
  const redis = await stage.redis();
  const server = await stage.server(redis);
  const health = () => fetchText(`${server.httpUrl}/healthz`);
  await redis.kill9();
  const degraded = await eventually(health, (answer) => answer.text.includes('degraded'));
  expect(degraded).toMatchObject({ status: 200, json: { status: 'degraded' } });
  await redis.startAgain();
  await eventually(health, (answer) => answer.text.includes('"ok"'));
});

test('healthz is 503 while draining, until the last viewer has left', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  server.child.signal('SIGTERM');
  const answer = await eventually(
    () => fetchText(`${server.httpUrl}/healthz`),
    ({ status }) => status !== 200,
  );
  expect(answer.status).toBe(503);
  viewer.terminate();
  expect(await server.child.exited(30_000)).toEqual({ code: 0, signal: null });
});

test('metrics are Prometheus text and move with what happens', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const read = async () => parseMetrics((await fetchText(`${server.httpUrl}/metrics`)).text);

  const answer = await fetchText(`${server.httpUrl}/metrics`);
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toContain('text/plain');
  const before = parseMetrics(answer.text);
  expect(before.size).toBeGreaterThan(5);
  for (const name of before.keys()) expect(name).toMatch(/^(spillway|process)_/);

  const viewers = await stage.viewers(3, server);
  await Promise.all(viewers.map((viewer) => viewer.join('lobby')));
  await viewers[0]?.say('counted');
  const grown = await eventually(read, (metrics) => total(metrics) > total(before));
  expect([...grown.keys()].some((name) => name.includes('viewers'))).toBe(true);
});

test('unknown paths are 404, wrong methods 405 with Allow, nonsense 400', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  expect((await fetchText(`${server.httpUrl}/nothing`)).status).toBe(404);
  const wrongMethod = await fetchText(`${server.httpUrl}/healthz`, { method: 'POST' });
  expect(wrongMethod.status).toBe(405);
  expect(wrongMethod.headers['allow']).toContain('GET');
  expect(await exchange(server.port, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  expect((await fetchText(`${server.httpUrl}/healthz`)).status).toBe(200);
});

test('a request head without end is refused', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const endless = `GET / HTTP/1.1\r\nHost: x\r\n${'X-Padding: y\r\n'.repeat(20_000)}`;
  expect(await exchange(server.port, endless).catch(String)).toMatch(
    /^HTTP\/1\.1 4|ECONNRESET|EPIPE/,
  );
});

test('a plain GET of / asks for an upgrade', async ({ stage }) => {
  const server = await stage.server(await stage.redis());
  const answer = await fetchText(`${server.httpUrl}/`);
  expect(answer.status).toBe(426);
  expect(answer.headers['upgrade']).toBe('websocket');
});
