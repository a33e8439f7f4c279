// Requests that no honest client sends, to both HTTP ports: each is answered or ended, and nobody
// else notices.
import { expect } from 'vitest';
import { fetchText } from './harness/balancer.ts';
import { environment } from './harness/child.ts';
import { MemoryWatch, watchedEnvironment } from './harness/memory_watch.ts';
import { exchange, get, RawConnection, statuses } from './harness/raw_http.ts';
import { test, type Stage } from './harness/stage.ts';

const kinds = ['server', 'balancer'] as const;

interface Target {
  readonly port: number;
  readonly memory: MemoryWatch;
}

async function start(stage: Stage, kind: (typeof kinds)[number]): Promise<Target> {
  const redis = await stage.redis();
  if (kind === 'server') {
    const server = await stage.server(redis, {}, { env: watchedEnvironment });
    return { port: server.port, memory: new MemoryWatch(server) };
  }
  const env = environment(watchedEnvironment);
  const balancer = await stage.balancer(redis, { 'servers-min': 0 }, { env });
  return { port: Number(new URL(balancer.url).port), memory: new MemoryWatch(balancer) };
}

async function isServing(port: number): Promise<void> {
  expect((await fetchText(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
}

const post = (lines: readonly string[], body: string): string =>
  ['POST /healthz HTTP/1.1', 'Host: x', ...lines, '', body].join('\r\n');

/** Two readers could see two different requests in each of these. */
const ambiguous: Readonly<Record<string, string>> = {
  'Content-Length with Transfer-Encoding': post(
    ['Content-Length: 5', 'Transfer-Encoding: chunked'],
    '0\r\n\r\n',
  ),
  'Transfer-Encoding with Content-Length': post(
    ['Transfer-Encoding: chunked', 'Content-Length: 5'],
    '0\r\n\r\n',
  ),
  'two Content-Lengths': post(['Content-Length: 5', 'Content-Length: 6'], 'hello!'),
  'the same Content-Length twice': post(['Content-Length: 5', 'Content-Length: 5'], 'hello'),
  'a list of Content-Lengths': post(['Content-Length: 5, 5'], 'hello'),
  'a Content-Length with a sign': post(['Content-Length: +5'], 'hello'),
  'a negative Content-Length': post(['Content-Length: -5'], 'hello'),
  'a hexadecimal Content-Length': post(['Content-Length: 0x5'], 'hello'),
  'a Content-Length beyond 64 bits': post(['Content-Length: 18446744073709551621'], 'hello'),
  'a chunk size that is no number': post(
    ['Transfer-Encoding: chunked'],
    'xyz\r\nhello\r\n0\r\n\r\n',
  ),
  'a chunk size with a sign': post(['Transfer-Encoding: chunked'], '-1\r\nhello\r\n0\r\n\r\n'),
  'a chunk size beyond 64 bits': post(
    ['Transfer-Encoding: chunked'],
    '10000000000000005\r\nhello\r\n0\r\n\r\n',
  ),
  'a chunk that is longer than it says': post(
    ['Transfer-Encoding: chunked'],
    '3\r\nhello\r\n0\r\n\r\n',
  ),
  'an unknown Transfer-Encoding': post(['Transfer-Encoding: xchunked'], '0\r\n\r\n'),
  'two Transfer-Encodings': post(
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
    '0\r\n\r\n',
  ),
  'a Transfer-Encoding that chunked does not end': post(
    ['Transfer-Encoding: chunked, identity'],
    '0\r\n\r\n',
  ),
  'a Transfer-Encoding in HTTP/1.0': post(['Transfer-Encoding: chunked'], '0\r\n\r\n').replace(
    'HTTP/1.1',
    'HTTP/1.0',
  ),
  'a folded header': get('/healthz', ['X-Long: a', ' b']),
  'a folded Content-Length': get('/healthz', ['Content-Length:', ' 0']),
  'a fold before the first header': 'GET /healthz HTTP/1.1\r\n Host: x\r\n\r\n',
  'line ends without CR': 'GET /healthz HTTP/1.1\nHost: x\n\n',
  'one line end without CR': 'GET /healthz HTTP/1.1\r\nHost: x\nX-More: y\r\n\r\n',
  'a CR inside a value': get('/healthz', ['X-Odd: a\rb']),
  'a space before the colon': get('/healthz', ['Content-Length : 0']),
  'a NUL in a value': get('/healthz', ['X-Odd: a\0b']),
  'a NUL in a name': get('/healthz', ['X-O\0dd: a']),
  'a name with a control character': get('/healthz', ['X-O\x01dd: a']),
  'a line without a colon': get('/healthz', ['X-Nothing']),
  'a header without a name': get('/healthz', [': value']),
  'no Host': 'GET /healthz HTTP/1.1\r\nX: y\r\n\r\n',
  'two Hosts': get('/healthz', ['Host: y']),
  'an empty line before the request': `\r\n${get('/healthz')}`,
  'two spaces before the target': 'GET  /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
  'a target with a space': 'GET /health z HTTP/1.1\r\nHost: x\r\n\r\n',
  'a tab for a space': 'GET\t/healthz\tHTTP/1.1\r\nHost: x\r\n\r\n',
  'HTTP in lower case': 'GET /healthz http/1.1\r\nHost: x\r\n\r\n',
  'no version': 'GET /healthz\r\n\r\n',
  'no request at all': '\r\n\r\n\r\n\r\n',
  'a TLS hello': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'an HTTP/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
};

/** A request whose head has this many bytes. */
const long = (bytes: number): string => {
  const rest = get('/healthz', ['Connection: close', 'X: ']).length;
  return get('/healthz', ['Connection: close', `X: ${'y'.repeat(bytes - rest)}`]);
};

const sized = (bytes: number, sent: number): string =>
  get('/healthz', [`Content-Length: ${bytes}`, 'Connection: close'], 'b'.repeat(sent));

for (const kind of kinds) {
  test(`${kind}: what two readers could understand in two ways is refused and closed`, async ({
    stage,
  }) => {
    const { port } = await start(stage, kind);
    const answers = await Promise.all(
      Object.entries(ambiguous).map(async ([name, request]) => {
        // Had it been understood, the second request would be answered too.
        const answer = await exchange(port, request + get('/smuggled'));
        return [name, statuses(answer)] as const;
      }),
    );
    const version = new Set([
      'an HTTP/2 preface',
      'HTTP in lower case',
      'no version',
      'a target with a space',
    ]);
    for (const [name, got] of answers) {
      const fitting = version.has(name) ? [[400], [505]] : [[400]];
      expect(fitting, name).toContainEqual(got);
    }
    await isServing(port);
  });

  test(`${kind}: a head byte by byte is understood, one beyond 8 KiB refused with 431`, async ({
    stage,
  }) => {
    const { port } = await start(stage, kind);
    const split = await RawConnection.open(port);
    for (const byte of get('/healthz', ['Connection: close'])) await split.send(byte);
    expect(statuses(await split.answer())).toEqual([200]);

    expect(statuses(await exchange(port, long(8192)))).toEqual([200]);
    for (const tooLong of [
      long(8193),
      get('/healthz', Array<string>(5000).fill('X-Many: y')),
      get(`/${'p'.repeat(10_000)}`),
      `GET /${'p'.repeat(1_000_000)}`,
    ]) {
      expect(statuses(await exchange(port, tooLong))).toEqual([431]);
    }
    await isServing(port);
  });

  test(`${kind}: requests in one segment are answered in order`, async ({ stage }) => {
    const { port } = await start(stage, kind);
    const paths = ['/healthz', '/nothing', '/healthz', '/nothing/else', '/healthz'];
    const all = paths.map((path) => get(path)).join('') + get('/healthz', ['Connection: close']);
    const answer = await exchange(port, all + get('/after/the/end'));
    expect(statuses(answer)).toEqual([200, 404, 200, 404, 200, 200]);
  });

  test(`${kind}: of a thousand requests in one segment a whole number is answered`, async ({
    stage,
  }) => {
    const { port, memory } = await start(stage, kind);
    await exchange(port, get('/healthz', ['Connection: close']));
    const flood = get('/healthz').repeat(999) + get('/healthz', ['Connection: close']);
    for (let round = 0; round < 5; round += 1) {
      const answer = await exchange(port, flood);
      const got = statuses(answer);
      expect(got.length).toBeGreaterThan(0);
      expect(new Set(got)).toEqual(new Set([200]));
      expect(answer.endsWith('{"status":"ok"}')).toBe(true);
    }
    memory.expectFlat(16);
    await isServing(port);
  });

  test(`${kind}: odd methods and paths have a plain answer`, async ({ stage }) => {
    const { port } = await start(stage, kind);
    const close = 'HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    const odd: Readonly<Record<string, readonly number[]>> = {
      'GET /%00': [404],
      'GET /../../etc/passwd': [404],
      'GET /%2e%2e/%2e%2e/etc/passwd': [404],
      'GET //healthz': [404],
      'GET /healthz/': [404],
      'GET /healthz?a=b&%zz': [200],
      'GET /\xff\xfe': [400, 404],
      [`GET /${'a'.repeat(4000)}`]: [404],
      'GET *': [400],
      'OPTIONS *': [400, 405],
      'CONNECT example.org:443': [400, 405],
      'CONNECT /healthz': [405],
      'TRACE /healthz': [405],
      'PUT /healthz': [405],
      'DELETE /healthz': [405],
      'HEAD /healthz': [200],
      'BREW /healthz': [400, 405],
      'get /healthz': [400, 405],
      [`${'M'.repeat(3000)} /healthz`]: [400, 405],
      'GET healthz': [400],
      'GET http://example.org/nothing': [400, 404],
      'GET ftp://example.org/healthz': [400],
      'GET http://': [400, 426],
    };
    for (const [line, expected] of Object.entries(odd)) {
      const [got, ...more] = statuses(await exchange(port, `${line} ${close}`));
      expect(more, line).toEqual([]);
      expect(expected, `${line}: ${got}`).toContain(got);
    }
    await isServing(port);
  });

  test(`${kind}: a body that nobody asked for is refused, or read and thrown away`, async ({
    stage,
  }) => {
    const { port, memory } = await start(stage, kind);
    const small = statuses(await exchange(port, sized(5, 5)));
    expect([[200], [400]]).toContainEqual(small);
    for (const [bytes, sent] of [
      [1_000_000, 1_000_000],
      [10 ** 12, 100_000],
      [Number.MAX_SAFE_INTEGER, 0],
    ] as const) {
      expect([[400], [413]]).toContainEqual(statuses(await exchange(port, sized(bytes, sent))));
    }
    memory.expectFlat(16);
    await isServing(port);
  });

  test(`${kind}: who sends half a request and leaves is forgotten`, async ({ stage }) => {
    const { port } = await start(stage, kind);
    for (const half of ['', 'G', 'GET / HT', 'GET /healthz HTTP/1.1\r\nHost: x\r\n']) {
      const connection = await RawConnection.open(port);
      if (half !== '') await connection.send(half);
      connection.destroy();
    }
    await isServing(port);
  });
}

test('500 heads that trickle stop nobody and are ended after 10 s, on both ports', async ({
  stage,
}) => {
  await Promise.all(
    kinds.map(async (kind) => {
      const { port, memory } = await start(stage, kind);
      const began = performance.now();
      const slow = await Promise.all(Array.from({ length: 500 }, () => RawConnection.open(port)));
      stage.onEnd(() => slow.forEach((connection) => connection.destroy()));
      await Promise.all(slow.map((connection) => connection.send('GET /healthz HTTP/1.1\r\nX: ')));
      const trickle = setInterval(() => slow.forEach((one) => void one.send('y')), 1000);
      stage.onEnd(() => clearInterval(trickle));
      await isServing(port);
      expect(slow.filter((connection) => connection.ended)).toEqual([]);
      memory.expectFlat(32);
      await Promise.all(slow.map((connection) => connection.until(() => connection.ended, 16_000)));
      expect(performance.now() - began).toBeGreaterThan(9000);
      for (const connection of slow) expect(connection.received).not.toContain(' 200 ');
      await isServing(port);
    }),
  );
});
