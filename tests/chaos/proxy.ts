// A TCP proxy that misbehaves on order: stands still in one direction or both, hands bytes on one
// by one, breaks its connections. In front of a server, or between a server and Redis.
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Side } from './fault.ts';

export type Target = { readonly port: number; readonly host: string } | { readonly path: string };

type Pace = 'flow' | 'trickle' | 'stall';

/** Beyond it the source is not read: a stalled proxy fills like a stalled cable. */
const heldBytesMax = 64 * 1024;
/** So many bytes of each chunk go one by one; the rest in pieces, or a round would take minutes. */
const singleBytes = 48;
const pieceBytes = 300;

/** One direction of one connection. */
class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #pace: () => Pace;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #ended = false;
  #waits = false; // for `to` to take more, or for the next turn

  constructor(from: Socket, to: Socket, pace: () => Pace) {
    this.#from = from;
    this.#to = to;
    this.#pace = pace;
    from.on('data', (chunk: Buffer) => {
      this.#held.push(chunk);
      this.#heldBytes += chunk.length;
      if (this.#heldBytes > heldBytesMax) from.pause();
      this.pump();
    });
    from.on('end', () => {
      this.#ended = true;
      this.pump();
    });
    to.on('drain', () => this.#goOn());
  }

  /** Hands on what the pace allows. The end comes after the last byte, as on a cable. */
  pump(): void {
    while (!this.#waits && this.#pace() !== 'stall') {
      const chunk = this.#held.shift();
      if (chunk === undefined) {
        if (this.#ended && this.#to.writable) this.#to.end();
        return;
      }
      if (this.#pace() === 'trickle') this.#trickle(chunk);
      else this.#write(chunk);
    }
  }

  #write(chunk: Buffer): void {
    this.#heldBytes -= chunk.length;
    if (this.#heldBytes <= heldBytesMax && this.#from.isPaused()) this.#from.resume();
    if (this.#to.writable && !this.#to.write(chunk)) this.#waits = true;
  }

  /** Each piece is a write, and so a segment, of its own: nothing is delayed to be joined. */
  #trickle(chunk: Buffer): void {
    const length = chunk.length > singleBytes ? pieceBytes : 1;
    const piece = chunk.subarray(0, length);
    if (piece.length < chunk.length) this.#held.unshift(chunk.subarray(length));
    this.#write(piece);
    if (this.#waits) return;
    this.#waits = true;
    setImmediate(() => this.#goOn());
  }

  #goOn(): void {
    this.#waits = false;
    this.pump();
  }
}

class Link {
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #pipes: readonly Pipe[];

  constructor(near: Socket, target: Target, pace: { up: () => Pace; down: () => Pace }) {
    this.#near = near;
    this.#far = connect({ ...target, allowHalfOpen: true });
    for (const socket of [near, this.#far]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.break());
    }
    this.#pipes = [new Pipe(near, this.#far, pace.up), new Pipe(this.#far, near, pace.down)];
  }

  onEnd(ended: () => void): void {
    let open = 2;
    for (const socket of [this.#near, this.#far]) {
      socket.on('close', () => {
        open -= 1;
        if (open === 0) ended();
      });
    }
  }

  pump(): void {
    for (const pipe of this.#pipes) pipe.pump();
  }

  /** RST both ways; a Unix socket knows only the end. */
  break(): void {
    for (const socket of [this.#near, this.#far]) {
      const canReset = socket.remoteAddress !== undefined && !socket.connecting;
      if (canReset) socket.resetAndDestroy();
      else socket.destroy();
    }
  }
}

export class Proxy {
  readonly port: number;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  #up: Pace = 'flow';
  #down: Pace = 'flow';

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async start(target: Target): Promise<Proxy> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const proxy = new Proxy(server, address.port);
    server.on('connection', (near) => proxy.#accept(near, target));
    return proxy;
  }

  get connections(): number {
    return this.#links.size;
  }

  stall(side: Side): void {
    if (side !== 'down') this.#up = 'stall';
    if (side !== 'up') this.#down = 'stall';
  }

  trickle(): void {
    this.#up = 'trickle';
    this.#down = 'trickle';
  }

  flow(): void {
    this.#up = 'flow';
    this.#down = 'flow';
    for (const link of this.#links) link.pump();
  }

  reset(): void {
    for (const link of this.#links) link.break();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.reset();
    await closed;
  }

  #accept(near: Socket, target: Target): void {
    const link = new Link(near, target, { up: () => this.#up, down: () => this.#down });
    this.#links.add(link);
    link.onEnd(() => this.#links.delete(link));
  }
}
