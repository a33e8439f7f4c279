// RFC 6455 section 4: the opening handshake.
import { expect } from 'vitest';
import { expectAlive, expectText } from './expectations.ts';
import { close, continuation, ping, text } from './frames.ts';
import { newKey, upgradeRequest, type HttpAnswer, type RawClient } from './raw_client.ts';
import { test } from './stage.ts';

const lines = {
  request: 'GET / HTTP/1.1',
  host: 'Host: localhost',
  upgrade: 'Upgrade: websocket',
  connection: 'Connection: Upgrade',
  key: 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', // the example of section 1.3
  version: 'Sec-WebSocket-Version: 13',
  more: '',
};

type Lines = Partial<typeof lines>;

/** An empty line is left out. */
function head(changed: Lines = {}): string {
  const all = Object.values({ ...lines, ...changed }).filter((line) => line !== '');
  return `${all.join('\r\n')}\r\n\r\n`;
}

function expectUpgrade({ status, headers }: HttpAnswer): void {
  expect(status).toBe(101);
  expect(headers.get('upgrade')).toBe('websocket');
  expect(headers.get('connection')).toBe('Upgrade');
  expect(headers.get('sec-websocket-accept')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
}

async function expectOpen(client: RawClient, request: string): Promise<void> {
  expectUpgrade(await client.http(request));
  await expectAlive(client);
}

const accepted: readonly (readonly [string, Lines])[] = [
  ['as in the example', {}],
  ['a path and a query', { request: 'GET /chat/a%20b?room=lobby HTTP/1.1' }],
  ['an absolute target', { request: 'GET http://localhost/chat HTTP/1.1' }],
  ['names in lower case', { upgrade: 'upgrade: websocket', version: 'sec-websocket-version: 13' }],
  ['names in upper case', { host: 'HOST: localhost', connection: 'CONNECTION: Upgrade' }],
  ['WebSocket in any case', { upgrade: 'Upgrade: WebSocket' }],
  ['Upgrade in any case', { connection: 'Connection: uPGRADE' }],
  ['other connection options', { connection: 'Connection: keep-alive, Upgrade' }],
  ['connection options on two lines', { more: 'Connection: keep-alive' }],
  ['other protocols to upgrade to', { upgrade: 'Upgrade: h2c, websocket' }],
  ['other protocols with versions', { upgrade: 'Upgrade: HTTP/2.0, websocket' }],
  ['no space after the colons', { version: 'Sec-WebSocket-Version:13', host: 'Host:localhost' }],
  [
    'space around the values',
    { version: 'Sec-WebSocket-Version: \t 13 \t', upgrade: 'Upgrade:   websocket  ' },
  ],
  ['an Origin', { more: 'Origin: http://example.com' }],
  ['unknown headers', { more: 'Cookie: a=b\r\nX-Forwarded-For: 10.0.0.1\r\nUser-Agent: x' }],
  ['an empty body', { more: 'Content-Length: 0' }],
];

for (const [what, changed] of accepted) {
  test(`4.2.2 a good request is answered with its accept value: ${what}`, async ({ clients }) => {
    await expectOpen(clients.tcp(), head(changed));
  });
}

test('4.2.2 each key has its accept value', async ({ clients }) => {
  for (let i = 0; i < 20; i += 1) await expectAlive(await clients.open());
});

test('4.2.1 a request that comes byte by byte is answered once it is whole', async ({
  clients,
}) => {
  const client = clients.tcp();
  await client.chop(Buffer.from(head()).subarray(0, -1));
  expect(client.answer).toBeUndefined();
  await expectOpen(client, '\n');
});

const refused: readonly (readonly [number, string, Lines])[] = [
  [400, 'no Host', { host: '' }],
  [400, 'an empty Host', { host: 'Host:' }],
  [400, 'two Hosts', { more: 'Host: other' }],
  [400, 'no Upgrade', { upgrade: '' }],
  [400, 'another Upgrade', { upgrade: 'Upgrade: h2c' }],
  [400, 'an Upgrade to a version', { upgrade: 'Upgrade: websocket/13' }],
  [400, 'an Upgrade that only begins so', { upgrade: 'Upgrade: websockets' }],
  [400, 'no Connection', { connection: '' }],
  [400, 'a Connection that does not upgrade', { connection: 'Connection: keep-alive' }],
  [400, 'a Connection that only contains it', { connection: 'Connection: no-upgrade' }],
  [400, 'no key', { key: '' }],
  [400, 'an empty key', { key: 'Sec-WebSocket-Key:' }],
  [400, 'a key of 15 bytes', { key: `Sec-WebSocket-Key: ${Buffer.alloc(15).toString('base64')}` }],
  [400, 'a key of 17 bytes', { key: `Sec-WebSocket-Key: ${Buffer.alloc(17).toString('base64')}` }],
  [400, 'a key without its padding', { key: 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ' }],
  [400, 'a key in the alphabet of URLs', { key: 'Sec-WebSocket-Key: -_hlIHNhbXBsZSBub25jZQ==' }],
  [400, 'a key with a space', { key: 'Sec-WebSocket-Key: dGhlIHNhbXBs SBub25jZQ==' }],
  [400, 'two keys', { more: lines.key }],
  [426, 'no version', { version: '' }],
  [426, 'version 0', { version: 'Sec-WebSocket-Version: 0' }],
  [426, 'version 8', { version: 'Sec-WebSocket-Version: 8' }],
  [426, 'version 14', { version: 'Sec-WebSocket-Version: 14' }],
  [426, 'version 013', { version: 'Sec-WebSocket-Version: 013' }],
  [426, 'a list of versions', { version: 'Sec-WebSocket-Version: 13, 8' }],
  [426, 'two versions', { more: lines.version }],
  [405, 'POST', { request: 'POST / HTTP/1.1' }],
  [405, 'HEAD', { request: 'HEAD / HTTP/1.1' }],
  [405, 'OPTIONS', { request: 'OPTIONS / HTTP/1.1' }],
  [405, 'CONNECT', { request: 'CONNECT localhost:80 HTTP/1.1' }],
  [400, 'a method in lower case', { request: 'get / HTTP/1.1' }],
  [400, 'HTTP/1.0', { request: 'GET / HTTP/1.0' }],
  [505, 'HTTP/2.0', { request: 'GET / HTTP/2.0' }],
  [400, 'a target without a slash', { request: 'GET chat HTTP/1.1' }],
  [400, 'a fragment in the target', { request: 'GET /#a HTTP/1.1' }],
  [400, 'a body', { more: 'Content-Length: 5' }],
  [400, 'a chunked body', { more: 'Transfer-Encoding: chunked' }],
  [400, 'a folded header', { more: 'X: a\r\n b' }],
  [400, 'a space before the colon', { more: 'X : a' }],
  [400, 'a line that is no header', { more: 'no header' }],
  [400, 'a NUL', { more: 'X: \0' }],
  [400, 'two Origins', { more: 'Origin: http://a\r\nOrigin: http://b' }],
  [400, 'subprotocols that are no tokens', { more: 'Sec-WebSocket-Protocol: a b' }],
  [400, 'one subprotocol twice', { more: 'Sec-WebSocket-Protocol: a, b, a' }],
  [400, 'an extension without a name', { more: 'Sec-WebSocket-Extensions: ; a=1' }],
  [400, 'a parameter without a name', { more: 'Sec-WebSocket-Extensions: foo; =1' }],
  [400, 'a parameter without its value', { more: 'Sec-WebSocket-Extensions: foo; a=' }],
  [400, 'a parameter left out', { more: 'Sec-WebSocket-Extensions: foo;' }],
  [400, 'extensions without a comma', { more: 'Sec-WebSocket-Extensions: foo bar' }],
  [400, 'a quoted value that is no token', { more: 'Sec-WebSocket-Extensions: foo; a="b c"' }],
  [400, 'an open quote', { more: 'Sec-WebSocket-Extensions: foo; a="b' }],
];

for (const [status, what, changed] of refused) {
  test(`4.2.1 a bad request is answered ${status}, and the connection ended: ${what}`, async ({
    clients,
  }) => {
    const client = clients.tcp();
    const answer = await client.http(head(changed));
    expect(answer.status).toBe(status);
    expect(answer.headers.get('connection')).toContain('close');
    if (status === 426) {
      expect(answer.headers.get('sec-websocket-version')).toBe('13');
      // RFC 9110 sections 15.5.22 and 7.8.
      expect(answer.headers.get('upgrade')).toBe('websocket');
      expect(answer.headers.get('connection')).toBe('close, Upgrade');
    }
    if (status === 405) expect(answer.headers.get('allow')).toContain('GET');
    await client.ended();
  });
}

test('4.2.1 a request without anything of WebSocket is told to upgrade', async ({ clients }) => {
  const answer = await clients.tcp().http('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  expect(answer.status).toBe(426);
  expect(answer.headers.get('upgrade')).toBe('websocket');
  expect(answer.headers.get('connection')).toBe('keep-alive, Upgrade');
});

for (const [what, bytes] of [
  ['TLS', '\x16\x03\x01\x02\x00'],
  ['frames', '\x81\x85abcdabcde'],
  ['lines that end in LF', 'GET / HTTP/1.1\n'],
] as const) {
  test(`4.1 what is no HTTP is refused before its end: ${what}`, async ({ clients }) => {
    const client = clients.tcp();
    expect((await client.http(Buffer.from(bytes, 'latin1'))).status).toBe(400);
    await client.ended();
  });
}

const headBytesMax = 8 * 1024;

function headOf(bytes: number): string {
  const padding = bytes - head({ more: 'Cookie: ' }).length;
  return head({ more: `Cookie: ${'c'.repeat(padding)}` });
}

test('4.2.1 a head of 8 KiB is taken, whole and in pieces', async ({ clients }) => {
  await expectOpen(clients.tcp(), headOf(headBytesMax));
  const client = clients.tcp();
  await client.chop(Buffer.from(headOf(headBytesMax)), 100);
  expectUpgrade(await client.http(''));
});

test('4.2.1 a longer head is refused, and before it ends', async ({ clients }) => {
  const whole = clients.tcp();
  expect((await whole.http(headOf(headBytesMax + 1))).status).toBe(431);
  await whole.ended();
  const endless = clients.tcp();
  expect((await endless.http(headOf(2 * headBytesMax).slice(0, headBytesMax + 1))).status).toBe(
    431,
  );
  await endless.ended();
});

for (const offer of ['chat', 'chat, superchat', 'spillway.batch.v1', '', ', ,']) {
  test(`4.2.2 an unknown subprotocol is not agreed on: ${JSON.stringify(offer)}`, async ({
    clients,
  }) => {
    const client = await clients.open({ headers: [`Sec-WebSocket-Protocol: ${offer}`] });
    expect(client.answer?.headers.has('sec-websocket-protocol')).toBe(false);
    await expectAlive(client);
  });
}

for (const offer of [
  'foo',
  'foo; bar; baz=1; q="2"',
  'x-webkit-deflate-frame, permessage-bzip2',
  'permessage-deflate-frame',
  ', ,',
]) {
  test(`9.1 unknown extensions are not agreed on: ${offer}`, async ({ clients }) => {
    const client = await clients.open({ offers: [offer] });
    expect(client.answer?.headers.has('sec-websocket-extensions')).toBe(false);
    await expectAlive(client);
  });
}

test('9.1 offers on several lines are one list', async ({ clients }) => {
  const client = await clients.open({
    offers: ['foo', 'permessage-deflate; bar', 'permessage-deflate'],
  });
  expect(client.answer?.headers.get('sec-websocket-extensions')).toBe('permessage-deflate');
  await expectAlive(client);
});

test('4.1 frames in the segment of the request are taken', async ({ clients }) => {
  const early = Buffer.concat([text('early'), ping(), text('in ', { final: false })]);
  const client = await clients.open({ early });
  await expectText(client, 'early');
  expect((await client.frame()).payload.length).toBe(0);
  client.send(continuation('two'));
  await expectText(client, 'in two');
});

test('4.1 a request cut anywhere, with frames behind it, is taken', async ({ clients }) => {
  const bytes = Buffer.concat([Buffer.from(upgradeRequest(newKey())), text('early'), close(1000)]);
  for (let cut = 1; cut < bytes.length; cut += 5) {
    const client = clients.tcp();
    await client.chop(bytes, cut);
    await client.until(() => client.answer !== undefined);
    expect(client.answer?.status).toBe(101);
    await expectText(client, 'early');
    expect(await client.closeCode()).toBe(1000);
  }
});

test('4.2.1 a client that goes before its request is whole leaves the others alone', async ({
  clients,
}) => {
  const other = await clients.open();
  const client = clients.tcp();
  await client.chop(Buffer.from(head()).subarray(0, 40), 40);
  client.endStream();
  await client.ended();
  await expectAlive(other);
});
