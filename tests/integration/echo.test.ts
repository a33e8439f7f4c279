// `spillway echo`: the codec, against an independent implementation.
import { expect } from 'vitest';
import { WebSocket, type PerMessageDeflateOptions } from 'ws';
import { binary } from './harness/binary.ts';
import { Child } from './harness/child.ts';
import { test, type Stage } from './harness/stage.ts';
import { within } from './harness/wait.ts';

async function echoUrl(stage: Stage, flags: readonly string[] = []): Promise<string> {
  const child = new Child(binary, ['echo', '--port=0', ...flags]);
  stage.onEnd(async () => {
    if (child.exit === undefined) await child.end();
    child.assertHealthy();
  });
  const address = /ws:\/\/\S+/;
  await child.until(() => address.test(child.stdout));
  return address.exec(child.stdout)?.[0] ?? '';
}

interface EchoClient {
  readonly ws: WebSocket;
  readonly extensions: string;
  /** What comes back for one message. */
  echo(data: string | Buffer): Promise<{ data: Buffer; isBinary: boolean }>;
}

async function connect(
  stage: Stage,
  url: string,
  deflate: PerMessageDeflateOptions | false,
): Promise<EchoClient> {
  const ws = new WebSocket(url, { perMessageDeflate: deflate, maxPayload: 64 * 1024 * 1024 });
  stage.onEnd(() => ws.terminate());
  let extensions = '';
  ws.on('upgrade', (response) => {
    extensions = String(response.headers['sec-websocket-extensions'] ?? '');
  });
  await within(
    5000,
    'open',
    new Promise((resolve, reject) => ws.on('open', resolve).on('error', reject)),
  );
  const echo = (data: string | Buffer) =>
    within(
      20_000,
      `echo of ${data.length}`,
      new Promise<{ data: Buffer; isBinary: boolean }>((resolve, reject) => {
        const closed = (code: number): void => reject(new Error(`closed with ${code}`));
        ws.once('close', closed);
        ws.once('message', (answer: Buffer, isBinary) => {
          ws.off('close', closed);
          resolve({ data: answer, isBinary });
        });
        ws.send(data);
      }),
    );
  return { ws, extensions, echo };
}

const sizes = [0, 1, 125, 126, 127, 1000, 4096, 16_384, 65_535, 65_536, 100_000, 131_072];

function chatLike(size: number): string {
  let text = '';
  for (let i = 0; text.length < size; i += 1) text += `{"seq":${i},"message":"hello number ${i}"}`;
  return text.slice(0, size);
}

function noise(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = 12345 + size;
  for (let i = 0; i < size; i += 1) {
    state = (state * 1103515245 + 12345) % 2147483648;
    bytes[i] = state >> 16;
  }
  return bytes;
}

const flagPairs = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const;
const windows = [
  [undefined, undefined],
  [9, 9],
  [10, 15],
  [15, 9],
  [12, undefined],
] as const;

function offer(takeover: (typeof flagPairs)[number], bits: (typeof windows)[number]) {
  const [serverNoContextTakeover, clientNoContextTakeover] = takeover;
  const made: PerMessageDeflateOptions = {
    threshold: 0,
    serverNoContextTakeover,
    clientNoContextTakeover,
  };
  if (bits[0] !== undefined) made.serverMaxWindowBits = bits[0];
  if (bits[1] !== undefined) made.clientMaxWindowBits = bits[1];
  return made;
}

const offers = flagPairs.flatMap((takeover) => windows.map((bits) => offer(takeover, bits)));

test('text and binary of every size come back as they were, uncompressed', async ({ stage }) => {
  const { echo, extensions } = await connect(stage, await echoUrl(stage), false);
  expect(extensions).toBe('');
  for (const size of sizes) {
    const text = await echo(chatLike(size));
    expect(text).toEqual({ data: Buffer.from(chatLike(size)), isBinary: false });
    const bytes = await echo(noise(size));
    expect(bytes.isBinary).toBe(true);
    expect(bytes.data.equals(noise(size))).toBe(true);
  }
});

test('text and binary of every size come back under every permessage-deflate offer', async ({
  stage,
}) => {
  const url = await echoUrl(stage);
  for (const offered of offers) {
    const { echo, ws, extensions } = await connect(stage, url, offered);
    const what = `${JSON.stringify(offered)} answered with ${extensions}`;
    expect(extensions, what).toContain('permessage-deflate');
    if (offered.serverNoContextTakeover) expect(extensions).toContain('server_no_context_takeover');
    for (const size of sizes) {
      const text = await echo(chatLike(size));
      expect(text.isBinary, what).toBe(false);
      expect(text.data.toString() === chatLike(size), `${what}, text ${size}`).toBe(true);
      const bytes = await echo(noise(size));
      expect(bytes.data.equals(noise(size)), `${what}, binary ${size}`).toBe(true);
    }
    ws.close();
  }
});

test('many messages at once come back in order', async ({ stage }) => {
  const { ws } = await connect(stage, await echoUrl(stage), { threshold: 0 });
  const sent = Array.from({ length: 500 }, (_, i) => `${i}:${chatLike((i * 37) % 3000)}`);
  const heard: string[] = [];
  const done = new Promise<void>((resolve) => {
    ws.on('message', (data: Buffer) => {
      heard.push(data.toString());
      if (heard.length === sent.length) resolve();
    });
  });
  for (const text of sent) ws.send(text);
  await within(20_000, 'all echoes', done);
  expect(heard).toEqual(sent);
});

test('pings are answered with their payload', async ({ stage }) => {
  const { ws } = await connect(stage, await echoUrl(stage), false);
  const pong = new Promise<Buffer>((resolve) => ws.once('pong', resolve));
  ws.ping('are you there?');
  expect((await within(5000, 'pong', pong)).toString()).toBe('are you there?');
});

test('a close is answered with the same code', async ({ stage }) => {
  const { ws } = await connect(stage, await echoUrl(stage), false);
  const closed = new Promise<number>((resolve) => ws.once('close', resolve));
  ws.close(4321, 'bye');
  expect(await within(5000, 'close', closed)).toBe(4321);
});

test('--message-bytes-max holds for what a compressed message becomes', async ({ stage }) => {
  const url = await echoUrl(stage, ['--message-bytes-max=64KiB']);
  const { ws, echo } = await connect(stage, url, { threshold: 0 });
  expect((await echo('x'.repeat(65_536))).data).toHaveLength(65_536);
  const closed = new Promise<number>((resolve) => ws.once('close', resolve));
  ws.send('x'.repeat(65_537));
  expect(await within(5000, 'close', closed)).toBe(1009);
});
