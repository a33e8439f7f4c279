// Who may ask the balancer what, and in which form: paths, methods, origins, the admin token.
import { expect } from 'vitest';
import { fetchText } from './harness/balancer.ts';
import { errorOf, startBalancer, startFleet } from './harness/balancer_api.ts';
import { test } from './harness/stage.ts';

const reading = ['/servers/provision', '/redis-stats', '/healthz', '/metrics'] as const;
const unknownServer = '/servers/6f1c8a9e-3b52-4d7e-9a10-0123456789ab';
/** What changes the fleet, and what it is answered where there is no server. */
const changing = [
  ['DELETE', '/servers/delete', 200],
  ['DELETE', unknownServer, 404],
] as const;
const evil = 'https://evil.example';

test('every path answers under /api as well, once', async ({ stage }) => {
  const { balancer } = await startFleet(stage, 1);
  for (const path of reading) {
    const [plain, prefixed] = [await balancer.get(path), await balancer.get(`/api${path}`)];
    expect(prefixed.status, path).toBe(200);
    expect(prefixed.headers['content-type']).toBe(plain.headers['content-type']);
    expect((await balancer.get(`/api/api${path}`)).status).toBe(404);
  }
  const order = await balancer.call('DELETE', `/api${unknownServer}`);
  expect(order.status).toBe(404);
  expect(errorOf(order)).toBe('there is no such server');
});

test('what is at no path is 404, as JSON', async ({ stage }) => {
  const { balancer } = await startFleet(stage, 1);
  const paths = [
    '/api',
    '/api/',
    '/servers',
    '/servers/',
    '/servers/provision/',
    '/SERVERS/provision',
  ];
  paths.push(
    '/servers//provision',
    '//servers/provision',
    '/servers/%70rovision',
    '/api/apihealthz',
  );
  paths.push('/healthz;x', '/servers/nonsense', `${unknownServer}/more`, '/%00');
  for (const path of paths) {
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS'] as const) {
      const answer = await balancer.call(method, path);
      expect(answer.status, `${method} ${path}`).toBe(404);
      expect(errorOf(answer)).toBe('there is nothing at this path');
    }
  }
});

test('a wrong method is 405 and told the right ones', async ({ stage }) => {
  const { balancer } = await startFleet(stage, 1);
  const allowed = [
    ['/servers/provision', 'GET, HEAD, OPTIONS'],
    ['/redis-stats', 'GET, HEAD'],
    ['/stats/stream', 'GET, HEAD'],
    ['/healthz', 'GET, HEAD'],
    ['/metrics', 'GET, HEAD'],
    ['/servers/create', 'POST'],
    ['/servers/delete', 'DELETE'],
    [unknownServer, 'DELETE'],
  ] as const;
  for (const [path, allow] of allowed) {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
      if (allow.split(', ').includes(method)) continue;
      const answer = await balancer.call(method, path);
      expect(answer.status, `${method} ${path}`).toBe(405);
      expect(answer.headers['allow'], `${method} ${path}`).toBe(allow);
      if (method !== 'HEAD') errorOf(answer);
    }
  }
});

test('HEAD is the head of GET', async ({ stage }) => {
  const { balancer } = await startFleet(stage, 1);
  for (const path of reading) {
    const [got, head] = [await balancer.get(path), await balancer.call('HEAD', path)];
    expect(head.status, path).toBe(200);
    expect(head.text).toBe('');
    expect(head.headers['content-type']).toBe(got.headers['content-type']);
    expect(Number(head.headers['content-length'])).toBeGreaterThan(0);
    expect(head.headers['cache-control']).toBe('no-store');
  }
  const stream = await balancer.call('HEAD', '/stats/stream');
  expect(stream.status).toBe(200);
  expect(stream.headers['content-type']).toBe('text/event-stream');
  expect(stream.text).toBe('');
});

test('pages of any origin may ask for a server, and for nothing else', async ({ stage }) => {
  const { balancer } = await startFleet(stage, 1);
  const headers = { origin: evil };
  const asked = await balancer.get('/servers/provision?room=lobby', headers);
  expect(asked.status).toBe(200);
  expect(asked.headers['access-control-allow-origin']).toBe('*');
  const preflight = await balancer.call('OPTIONS', '/api/servers/provision', {
    ...headers,
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'x-any',
  });
  expect(preflight.status).toBe(204);
  expect(preflight.text).toBe('');
  expect(preflight.headers).toMatchObject({
    allow: 'GET, HEAD, OPTIONS',
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, HEAD',
    'access-control-allow-headers': '*',
  });
  for (const path of ['/redis-stats', '/healthz', '/metrics', '/nothing']) {
    const answer = await balancer.get(path, headers);
    expect(answer.headers['access-control-allow-origin'], path).toBeUndefined();
  }
});

test('--cors-origin names one origin, or none', async ({ stage }) => {
  const redis = await stage.redis();
  const start = (origin: string) =>
    stage.balancer(redis, { 'servers-min': 0, 'cors-origin': origin });
  const headers = { origin: 'https://chat.example' };
  const one = await start('https://chat.example');
  for (const from of [headers, { origin: evil }, {}]) {
    const answer = await one.get('/servers/provision', from);
    expect(answer.headers['access-control-allow-origin']).toBe('https://chat.example');
  }
  expect((await one.call('OPTIONS', '/servers/provision', headers)).status).toBe(204);
  const none = await start('off');
  const answer = await none.get('/servers/provision', headers);
  expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  const preflight = await none.call('OPTIONS', '/servers/provision', headers);
  expect(preflight.status).toBe(405);
  expect(preflight.headers['allow']).toBe('GET, HEAD');
});

test('a page of somebody else may not change the fleet of this machine', async ({ stage }) => {
  const { balancer } = await startBalancer(stage);
  const port = Number(new URL(balancer.url).port);
  const refused: Record<string, string>[] = [
    { origin: evil },
    { origin: 'null' },
    { origin: `http://localhost:${port + 1}` },
    { origin: `http://127.0.0.1.evil.example:${port}` },
    // A name that was made to lead here: the page and the request are of one origin then.
    { host: `evil.example:${port}` },
    { host: `evil.example:${port}`, origin: `http://evil.example:${port}` },
    { host: '10.0.0.1' },
    { host: 'localhost.evil.example' },
  ];
  const passed: Record<string, string>[] = [
    {},
    { host: `localhost:${port}` },
    { host: '[::1]' },
    { origin: `http://127.0.0.1:${port}` },
    { host: `localhost:${port}`, origin: `http://localhost:${port}` },
  ];
  for (const [method, path, status] of changing) {
    for (const headers of refused) {
      const answer = await balancer.call(method, path, headers);
      expect(answer.status, JSON.stringify(headers)).toBe(403);
      expect(errorOf(answer)).toContain('--admin-token');
    }
    for (const headers of passed) {
      const answer = await balancer.call(method, path, headers);
      expect(answer.status, JSON.stringify(headers)).toBe(status);
    }
  }
  const create = await balancer.call('POST', '/servers/create', { origin: evil });
  expect(create.status).toBe(403);
  expect((await balancer.get('/servers/provision')).status).toBe(404);
});

test('with an admin token, who has it changes the fleet, from anywhere', async ({ stage }) => {
  const { balancer } = await startBalancer(stage, { 'admin-token': 's3cret' });
  const wrong: Record<string, string>[] = [
    {},
    { authorization: '' },
    { authorization: 's3cret' },
    { authorization: 'Bearer' },
    { authorization: 'Bearer s3cre' },
    { authorization: 'Bearer s3crets' },
    { authorization: 'Bearer S3CRET' },
    { authorization: 'Basic s3cret' },
    { authorization: 'Bearer s3cret s3cret' },
  ];
  const right: Record<string, string>[] = [
    { authorization: 'Bearer s3cret' },
    { authorization: 'bearer s3cret' },
    { authorization: 'Bearer s3cret', origin: evil, host: 'evil.example' },
  ];
  for (const [method, path, status] of [...changing, ['POST', '/servers/create', 0] as const]) {
    for (const headers of wrong) {
      const answer = await balancer.call(method, path, headers);
      expect(answer.status, JSON.stringify(headers)).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
      errorOf(answer);
      expect(answer.text).not.toContain('s3cret');
    }
    if (status === 0) continue;
    for (const headers of right) {
      const answer = await balancer.call(method, path, headers);
      expect(answer.status, JSON.stringify(headers)).toBe(status);
    }
  }
  expect((await balancer.get('/redis-stats')).status).toBe(200);
  expect((await balancer.get('/servers/provision')).status).toBe(404);
});

test('whom other machines can reach changes nothing without a token', async ({ stage }) => {
  const redis = await stage.redis();
  const open = await stage.balancer(redis, { host: '0.0.0.0', 'servers-min': 0 });
  const port = Number(new URL(open.url).port);
  for (const [method, path] of [...changing, ['POST', '/servers/create'] as const]) {
    const answer = await fetchText(`http://127.0.0.1:${port}${path}`, { method });
    expect(answer.status).toBe(403);
    expect(errorOf(answer)).toContain('--admin-token');
  }
  const guarded = await stage.balancer(redis, {
    host: '0.0.0.0',
    'servers-min': 0,
    'admin-token': 's3cret',
  });
  const [method, path, status] = changing[1];
  const url = `http://127.0.0.1:${new URL(guarded.url).port}${path}`;
  expect((await fetchText(url, { method })).status).toBe(401);
  const headers = { authorization: 'Bearer s3cret' };
  expect((await fetchText(url, { method, headers })).status).toBe(status);
});
