// Stands between a server and Redis and can forget subscriptions without a word, as a proxy does that
// connected to another Redis behind the server's back: what is published to a forgotten channel does
// not come until somebody subscribes to it again.
import { connect, createServer, type Server, type Socket } from 'node:net';

const crlf = Buffer.from('\r\n');

/** The end of the RESP value that begins at `at`, or undefined while it is not whole. */
function valueEnd(bytes: Buffer, at: number): number | undefined {
  const lineEnd = bytes.indexOf(crlf, at);
  if (lineEnd < 0) return undefined;
  const count = Number(bytes.toString('latin1', at + 1, lineEnd));
  const next = lineEnd + crlf.length;
  const type = String.fromCharCode(bytes[at] ?? 0);
  if (type === '$') {
    const end = count < 0 ? next : next + count + crlf.length;
    return end <= bytes.length ? end : undefined;
  }
  if (type !== '*') return next;
  let end: number | undefined = next;
  for (let i = 0; i < count && end !== undefined; i += 1) end = valueEnd(bytes, end);
  return end;
}

/** The texts of an array of texts. */
function words(value: Buffer): string[] {
  const all: string[] = [];
  for (let at = value.indexOf(crlf) + crlf.length; at < value.length;) {
    const end = valueEnd(value, at) ?? value.length;
    const start = value.indexOf(crlf, at) + crlf.length;
    all.push(value.toString('utf8', start, Math.max(start, end - crlf.length)));
    at = end;
  }
  return all;
}

/** Calls `each` for every whole value of a stream. */
function splitValues(each: (value: Buffer) => void): (chunk: Buffer) => void {
  let held = Buffer.alloc(0);
  return (chunk) => {
    held = Buffer.concat([held, chunk]);
    for (let end = valueEnd(held, 0); end !== undefined; end = valueEnd(held, 0)) {
      each(held.subarray(0, end));
      held = held.subarray(end);
    }
  };
}

export class ForgetfulProxy {
  readonly url: string;
  /** Messages that did not go through. */
  dropped = 0;
  /** SUBSCRIBE commands that went through, by channel. */
  readonly subscribed = new Map<string, number>();
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #forgotten = new Set<string>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `redis://127.0.0.1:${port}`;
  }

  static async start(redisSocket: string): Promise<ForgetfulProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const proxy = new ForgetfulProxy(server, address.port);
    server.on('connection', (near) => proxy.#link(near, connect(redisSocket)));
    return proxy;
  }

  forget(channel: string): void {
    this.#forgotten.add(channel);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #link(near: Socket, far: Socket): void {
    this.connections += 1;
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    const up = splitValues((value) => {
      this.#noteCommand(words(value));
      far.write(value);
    });
    const down = splitValues((value) => {
      if (this.#isForgotten(value)) this.dropped += 1;
      else near.write(value);
    });
    near.on('data', up);
    far.on('data', down);
  }

  #noteCommand([name, ...channels]: string[]): void {
    if (name !== 'SUBSCRIBE') return;
    for (const channel of channels) {
      this.#forgotten.delete(channel);
      this.subscribed.set(channel, (this.subscribed.get(channel) ?? 0) + 1);
    }
  }

  #isForgotten(value: Buffer): boolean {
    if (this.#forgotten.size === 0 || value[0] !== '*'.charCodeAt(0)) return false;
    const [kind, channel] = words(value);
    return kind === 'message' && channel !== undefined && this.#forgotten.has(channel);
  }
}
