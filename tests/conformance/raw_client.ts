// A WebSocket client by hand, over a socket: it sends what it is told, and forgives nothing.
import { createHash, randomBytes } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import { Changes } from '../integration/harness/wait.ts';
import { parseAgreed, Window, type Agreed } from './deflate.ts';
import { describeFrame, ServerFrames, type ServerFrame } from './server_frames.ts';

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. No server of ours sends one twice. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface OpenOptions {
  readonly path?: string;
  /** Values of Sec-WebSocket-Extensions, a header each. */
  readonly offers?: readonly string[];
  readonly headers?: readonly string[];
  /** Bytes that leave together with the request. */
  readonly early?: Buffer;
}

export interface Message {
  readonly opcode: number;
  readonly data: Buffer;
  /** Of its payload on the wire. */
  readonly wireBytes: number;
  readonly compressed: boolean;
}

/** 1005: a close frame without a code. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
}

export const newKey = (): string => randomBytes(16).toString('base64');

export function upgradeRequest(key: string, options: OpenOptions = {}): string {
  return [
    `GET ${options.path ?? '/'} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
    ...(options.offers ?? []).map((offer) => `Sec-WebSocket-Extensions: ${offer}`),
    ...(options.headers ?? []),
    '\r\n',
  ].join('\r\n');
}

export class RawClient {
  answer: HttpAnswer | undefined;
  agreed: Agreed | undefined;
  readonly #socket: Socket;
  readonly #changes = new Changes();
  readonly #frames: ServerFrame[] = [];
  #head = Buffer.alloc(0);
  #reader: ServerFrames | undefined;
  #inward = new Window(15, false);
  #outward = new Window(15, false);
  #ended = false; // the server's end of the stream
  #failure: Error | undefined;

  constructor(port: number) {
    // allowHalfOpen: the server is the one that has to end the connection.
    this.#socket = connectTcp({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
    this.#socket.on('data', (bytes: Buffer) => this.#note(() => this.#heard(bytes)));
    this.#socket.on('end', () => this.#note(() => (this.#ended = true)));
    this.#socket.on('error', (error) =>
      this.#note(() => {
        if (!this.#ended) throw error; // later it is only that nobody reads what is still sent
      }),
    );
  }

  /** Shakes hands, and checks the answer by section 4.1. */
  async open(options: OpenOptions = {}): Promise<void> {
    const key = newKey();
    const request = Buffer.from(upgradeRequest(key, options));
    this.write(Buffer.concat([request, options.early ?? Buffer.alloc(0)]));
    await this.until(() => this.answer !== undefined);
    const { status, headers } = this.answer ?? { status: 0, headers: new Map<string, string>() };
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
    const agreesToUpgrade =
      status === 101 &&
      headers.get('upgrade')?.toLowerCase() === 'websocket' &&
      headers.get('connection')?.toLowerCase() === 'upgrade' &&
      headers.get('sec-websocket-accept') === accept.digest('base64') &&
      !headers.has('content-length');
    if (!agreesToUpgrade) throw new Error(`no upgrade: ${this.describe()}`);
  }

  /** Sends a request as it is and returns the whole answer. */
  async http(request: string | Buffer): Promise<HttpAnswer> {
    this.write(Buffer.from(request));
    await this.until(() => this.answer !== undefined);
    if (this.answer === undefined) throw new Error('unreachable: just waited for it');
    return this.answer;
  }

  /** In one write, and so, if they are short, in one segment. */
  send(...frames: readonly Buffer[]): void {
    this.write(Buffer.concat(frames));
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** In writes of `size` bytes, each on its own way before the next. */
  async chop(bytes: Buffer, size = 1): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#over; at += size) {
      const piece = bytes.subarray(at, at + size);
      await new Promise<void>((resolve) => this.#socket.write(piece, () => resolve()));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** As a payload of a message on a connection that compresses. */
  compress(data: string | Buffer): Buffer {
    return this.#outward.compress(Buffer.from(data));
  }

  /** Ends the client's half of the stream, with or without a close frame before. */
  endStream(): void {
    this.#socket.end();
  }

  async frame(limitMs?: number): Promise<ServerFrame> {
    await this.until(() => this.#frames.length > 0, limitMs);
    const frame = this.#frames.shift();
    if (frame === undefined) throw new Error('unreachable: just waited for it');
    return frame;
  }

  async message(limitMs?: number): Promise<Message> {
    const { opcode, compressed, payload } = await this.frame(limitMs);
    const data = compressed ? this.#inward.decompress(payload) : payload;
    return { opcode, data, wireBytes: payload.length, compressed };
  }

  /** The next frame, which has to be the close frame; then the end of the stream. */
  async ending(limitMs?: number): Promise<Ending> {
    const frame = await this.frame(limitMs);
    if (frame.opcode !== 8) throw new Error(`not a close frame: ${describeFrame(frame)}`);
    await this.until(() => this.#ended, limitMs);
    if (this.#frames.length > 0) throw new Error(`after the close frame: ${this.describe()}`);
    const code = frame.payload.length === 0 ? 1005 : frame.payload.readUInt16BE();
    return { code, reason: frame.payload.toString('utf8', 2) };
  }

  async closeCode(limitMs?: number): Promise<number> {
    return (await this.ending(limitMs)).code;
  }

  async ended(limitMs?: number): Promise<void> {
    await this.until(() => this.#ended, limitMs);
  }

  async until(condition: () => boolean, limitMs = 10_000): Promise<void> {
    await this.#changes.until(
      condition,
      () => `${condition}; ${this.describe()}`,
      limitMs,
      () => this.#over,
    );
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Throws when the server sent what it must not; also what nobody waited for. */
  assertNothingLeft(): void {
    if (this.#failure !== undefined || this.#frames.length > 0) throw new Error(this.describe());
  }

  describe(): string {
    const status = this.answer === undefined ? 'no answer' : `answer ${this.answer.status}`;
    const frames = this.#frames.map(describeFrame).join(', ');
    const end = this.#ended ? ', ended by the server' : '';
    return `${status}, frames waiting: [${frames}]${end}, failure: ${this.#failure?.message}`;
  }

  get #over(): boolean {
    return this.#ended || this.#failure !== undefined;
  }

  #note(happened: () => void): void {
    try {
      happened();
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    }
    this.#changes.changed();
  }

  #heard(bytes: Buffer): void {
    if (this.#ended) throw new Error('bytes after the end');
    if (this.#reader !== undefined) {
      this.#frames.push(...this.#reader.take(bytes));
      return;
    }
    if (this.answer !== undefined) throw new Error('bytes after an answer of HTTP');
    this.#head = Buffer.concat([this.#head, bytes]);
    const end = this.#head.indexOf('\r\n\r\n');
    if (end >= 0)
      this.#heardHead(this.#head.toString('latin1', 0, end), this.#head.subarray(end + 4));
  }

  #heardHead(head: string, rest: Buffer): void {
    const [statusLine = '', ...lines] = head.split('\r\n');
    const status = /^HTTP\/1\.1 (\d{3}) \S/.exec(statusLine)?.[1];
    if (status === undefined) throw new Error(`status line ${statusLine}`);
    const headers = new Map<string, string>();
    for (const line of lines) {
      const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):\s*(.*?)\s*$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`header ${line}`);
      if (headers.has(name.toLowerCase())) throw new Error(`header ${name} twice`);
      headers.set(name.toLowerCase(), value);
    }
    if (status === '101') {
      this.answer = { status: 101, headers, body: '' };
      this.#opened(headers.get('sec-websocket-extensions'), rest);
    } else if (rest.length === Number(headers.get('content-length'))) {
      this.answer = { status: Number(status), headers, body: rest.toString() };
    }
  }

  #opened(extensions: string | undefined, rest: Buffer): void {
    const agreed = parseAgreed(extensions);
    this.agreed = agreed;
    if (agreed !== undefined) {
      const { server_max_window_bits: inward, client_max_window_bits: outward } = agreed;
      this.#inward = new Window(inward ?? 15, !agreed.server_no_context_takeover);
      this.#outward = new Window(outward ?? 15, !agreed.client_no_context_takeover);
    }
    this.#reader = new ServerFrames(agreed !== undefined);
    if (rest.length > 0) this.#frames.push(...this.#reader.take(rest));
  }
}
