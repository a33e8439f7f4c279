// The proxy hands on every byte in order, whatever it is told to do in between.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Proxy } from './proxy.ts';
import { Changes } from '../integration/harness/wait.ts';

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

interface Ends {
  readonly proxy: Proxy;
  readonly near: Side;
  readonly far: Side;
}

/** A socket that remembers what it got. */
class Side {
  readonly socket: Socket;
  text = '';
  chunks = 0;
  ended = false;
  error = '';
  readonly #changes = new Changes();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.text += text;
      this.chunks += 1;
      this.#changes.changed();
    });
    socket.on('end', () => {
      this.ended = true;
      this.#changes.changed();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.error = error.code ?? '';
      this.#changes.changed();
    });
  }

  async until(condition: () => boolean): Promise<void> {
    await this.#changes.until(condition, () => `${condition}; ${this.text.length} bytes`);
  }
}

async function listen(): Promise<{ server: Server; port: number; accepted: Promise<Socket> }> {
  const server = createServer({ allowHalfOpen: true });
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  open.push(server);
  return { server, port: address.port, accepted };
}

async function connected(): Promise<Ends> {
  const { port, accepted } = await listen();
  const proxy = await Proxy.start({ host: '127.0.0.1', port });
  open.push(proxy);
  const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  open.push({ close: () => socket.destroy() });
  const far = new Side(await accepted);
  return { proxy, near: new Side(socket), far };
}

const numbered = (count: number): string =>
  Array.from({ length: count }, (_, index) => `${index},`).join('');

test('bytes go both ways, the end after the last of them', async () => {
  const { near, far, proxy } = await connected();
  near.socket.end(numbered(50_000));
  await far.until(() => far.ended);
  expect(far.text).toBe(numbered(50_000));
  far.socket.end('answer');
  await near.until(() => near.ended);
  expect(near.text).toBe('answer');
  await expect.poll(() => proxy.connections).toBe(0);
});

test('a stalled direction passes nothing until it flows, the other one goes on', async () => {
  const { near, far, proxy } = await connected();
  proxy.stall('up');
  near.socket.write(numbered(20_000));
  far.socket.write('still here');
  await near.until(() => near.text === 'still here');
  expect(far.text).toBe('');
  near.socket.end();
  proxy.flow();
  await far.until(() => far.ended);
  expect(far.text).toBe(numbered(20_000));
});

test('a trickle cuts everywhere and loses nothing', async () => {
  const { near, far, proxy } = await connected();
  proxy.trickle();
  near.socket.end(numbered(2000));
  await far.until(() => far.ended);
  expect(far.text).toBe(numbered(2000));
  expect(far.chunks).toBeGreaterThan(20);
});

test('a reset breaks both ends', async () => {
  const { near, far, proxy } = await connected();
  near.socket.write('x');
  await far.until(() => far.text === 'x');
  proxy.reset();
  await near.until(() => near.error === 'ECONNRESET');
  await far.until(() => far.error !== '');
  expect(far.error).toBe('ECONNRESET');
});

test('nobody behind it: the connection ends', async () => {
  const { server, port } = await listen();
  await new Promise((resolve) => server.close(resolve));
  open.length = 0;
  const proxy = await Proxy.start({ host: '127.0.0.1', port });
  open.push(proxy);
  const near = new Side(connect({ port: proxy.port, host: '127.0.0.1' }));
  await near.until(() => near.ended || near.error !== '');
  expect(near.text).toBe('');
});
