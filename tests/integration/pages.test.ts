// How the web pages are served. What is in them is for tests/browser.
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { expect } from 'vitest';
import { test, type Stage } from './harness/stage.ts';

const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

interface Got {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

async function balancerUrl(stage: Stage): Promise<string> {
  return (await stage.balancer(await stage.redis(), { 'servers-min': 0 })).url;
}

async function get(
  url: string,
  headers: Record<string, string> = {},
  method: 'GET' | 'HEAD' | 'POST' = 'GET',
): Promise<Got> {
  const all = { connection: 'close', ...browser, ...headers };
  const { statusCode, headers: answered, body } = await request(url, { method, headers: all });
  return { status: statusCode, headers: answered, body: Buffer.from(await body.arrayBuffer()) };
}

/** What a page names in `src` and `href`, as absolute addresses. */
function filesOf(page: string, url: string): string[] {
  return [...page.matchAll(/<(?:script|link)\b[^>]*\b(?:src|href)="([^"]+)"/g)].map(
    ([, name = '']) => new URL(name, url).href,
  );
}

test('every page and every file that it names is there', async ({ stage }) => {
  const url = await balancerUrl(stage);
  for (const path of ['/', '/chat/lobby', '/chat/a%2Fb', '/monitor', '/plan']) {
    const page = await get(url + path);
    expect(page.status, path).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const files = filesOf(page.body.toString(), url + path);
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) {
      const { status, headers, body } = await get(file);
      expect(status, file).toBe(200);
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(body.length).toBe(Number(headers['content-length']));
    }
  }
});

test('a page has nothing inline, and may not have', async ({ stage }) => {
  const url = await balancerUrl(stage);
  const { headers, body } = await get(`${url}/chat/lobby`);
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
  expect(policy).toContain("frame-ancestors 'self'");
  expect(policy).not.toMatch(/unsafe|\*/);
  expect(headers['referrer-policy']).toBe('no-referrer');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(body.toString()).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|\sstyle=/);
});

test('the coding is the one that the client likes best', async ({ stage }) => {
  const url = await balancerUrl(stage);
  const plain = (await get(`${url}/monitor`)).body.toString();
  const cases = [
    ['gzip, deflate, br', 'br'],
    ['br;q=0.5, gzip', 'gzip'],
    ['br;q=0, gzip;q=0', undefined],
    ['identity', undefined],
  ] as const;
  const tags = new Set<unknown>();
  for (const [accepted, coding] of cases) {
    const { headers, body } = await get(`${url}/monitor`, { 'accept-encoding': accepted });
    expect(headers['content-encoding'], accepted).toBe(coding);
    expect(headers['vary']).toContain('Accept-Encoding');
    const decoded =
      coding === 'br' ? brotliDecompressSync(body) : coding === 'gzip' ? gunzipSync(body) : body;
    expect(decoded.toString()).toBe(plain);
    tags.add(headers['etag']);
  }
  expect(tags.size).toBe(3);
});

test('who has a page already gets 304 until it is another one', async ({ stage }) => {
  const url = await balancerUrl(stage);
  const { headers } = await get(`${url}/`);
  expect(headers['cache-control']).toBe('no-cache');
  const tag = String(headers['etag']);
  const again = await get(`${url}/`, { 'if-none-match': `"other", W/${tag}` });
  expect(again).toMatchObject({ status: 304, headers: { etag: tag, 'cache-control': 'no-cache' } });
  expect(again.body.length).toBe(0);
  expect(again.headers['content-length']).toBeUndefined();
  expect((await get(`${url}/`, { 'if-none-match': '"other"' })).status).toBe(200);
});

test('HEAD is GET without the body, other methods are 405', async ({ stage }) => {
  const url = await balancerUrl(stage);
  for (const path of ['/', '/chat/lobby', '/monitor', '/plan']) {
    const [whole, head] = [await get(url + path), await get(url + path, {}, 'HEAD')];
    expect(head.status).toBe(200);
    expect(head.body.length).toBe(0);
    for (const name of ['content-length', 'etag', 'content-type', 'content-security-policy']) {
      expect(head.headers[name], name).toBe(whole.headers[name]);
    }
    expect(await get(url + path, {}, 'POST')).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    });
  }
});

test('/plan is a page to browsers and a call to everybody else', async ({ stage }) => {
  const url = await balancerUrl(stage);
  const question = '/plan?users=100&rooms=5&interval=30s';
  expect((await get(`${url}/plan`)).headers['content-type']).toContain('text/html');
  expect((await get(url + question)).headers['content-type']).toBe('application/json');
  expect(await get(`${url}/plan`, { accept: '*/*' })).toMatchObject({ status: 400 });
  expect((await get(`${url}/api/plan`)).status).toBe(400);
});

test('nothing else is a file', async ({ stage }) => {
  const url = await balancerUrl(stage);
  const paths = [
    '/assets/',
    '/assets/nothing.js',
    '/assets/..%2fchat',
    '/assets/%2e%2e/%2e%2e/etc/passwd',
    '/chat/lobby/more',
    '/index.html',
    '/web_files.cc',
    '/api/monitor',
    '/api/chat/lobby',
  ];
  for (const path of paths) {
    const { status, headers } = await get(url + path);
    expect(status, path).toBe(404);
    expect(headers['content-type']).toBe('application/json');
  }
  const chat = await get(`${url}/chat`);
  expect(chat).toMatchObject({ status: 302, headers: { location: './' } });
});

test('--frame-origin lets another page show the chat, and nothing else', async ({ stage }) => {
  const redis = await stage.redis();
  const flags = { 'servers-min': 0, 'frame-origin': 'https://live.example' };
  const { url } = await stage.balancer(redis, flags);
  const policyOf = async (path: string): Promise<string> =>
    String((await get(url + path)).headers['content-security-policy']);
  expect(await policyOf('/chat/lobby')).toMatch(/frame-ancestors 'self' https:\/\/live\.example$/);
  expect(await policyOf('/monitor')).toMatch(/frame-ancestors 'self'$/);
});
