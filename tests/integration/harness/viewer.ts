// One connection to a chat server, by an independent WebSocket implementation (`ws`).
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { Journal } from './journal.ts';
import { parseServerMessage, type Ack, type Position, type Registered } from './messages.ts';
import { Changes } from './wait.ts';

export const batchProtocol = 'spillway.batch.v1';
export const batchBytesMax = 16 * 1024;
const recentTextsMax = 64;

export interface ViewerOptions {
  /** Offers `spillway.batch.v1`. */
  readonly batch?: boolean;
  /** Offers permessage-deflate and compresses everything it sends. */
  readonly deflate?: boolean;
  readonly protocols?: readonly string[];
  /** Answers no ping. */
  readonly deaf?: boolean;
  /** For the handshake and the welcome. */
  readonly openLimitMs?: number;
}

export interface RegisterOptions {
  readonly since?: Position;
  readonly history?: number;
}

export interface ChatOptions {
  readonly id?: string;
  readonly data?: unknown;
}

let idsGiven = 0;
export function newId(): string {
  return `t${process.pid.toString(36)}-${(idsGiven++).toString(36)}`;
}

export class Viewer extends Journal {
  readonly url: string;
  readonly frameBytes: number[] = [];
  /** Messages in each WebSocket message; above 1 only in the batch form. */
  readonly frameMessages: number[] = [];
  /** The newest WebSocket messages as they came. */
  readonly recentTexts: string[] = [];
  responseHeaders: NodeJS.Dict<string | string[]> = {};
  pings = 0;
  closed: { readonly code: number; readonly reason: string } | undefined;
  readonly #socket: Socket;
  readonly #ws: WebSocket;
  readonly #changes = new Changes();

  private constructor(url: string, options: ViewerOptions) {
    super();
    this.url = url;
    const { hostname, port } = new URL(url);
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const protocols = options.protocols ?? (options.batch ? [batchProtocol] : []);
    this.#ws = new WebSocket(url, [...protocols], {
      createConnection: () => this.#socket,
      autoPong: !options.deaf,
      perMessageDeflate: options.deflate ? { threshold: 0 } : false,
    });
    this.#ws.on('upgrade', (response) => {
      this.responseHeaders = response.headers;
    });
    this.#ws.on('message', (data: Buffer, isBinary) => this.#heard(data, isBinary));
    this.#ws.on('ping', () => {
      this.pings += 1;
      this.#changes.changed();
    });
    this.#ws.on('close', (code, reason) => {
      this.closed ??= { code, reason: reason.toString() };
      this.#changes.changed();
    });
    this.#ws.on('open', () => this.#changes.changed());
    this.#ws.on('error', (error) => {
      this.closed ??= { code: 1006, reason: error.message };
      this.#changes.changed();
    });
  }

  /** Resolves when the handshake is through and the welcome came; else leaves nothing behind. */
  static async open(url: string, options: ViewerOptions = {}): Promise<Viewer> {
    const viewer = new Viewer(url, options);
    try {
      await viewer.until(() => viewer.welcome !== undefined, options.openLimitMs);
    } catch (error) {
      viewer.terminate();
      throw error;
    }
    return viewer;
  }

  get protocol(): string {
    return this.#ws.protocol;
  }

  get extensions(): string {
    return String(this.responseHeaders['sec-websocket-extensions'] ?? '');
  }

  /** Of the TCP stream, with the handshake. */
  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  /** Fails at once when the connection ends before the condition holds. */
  async until(condition: () => boolean, limitMs?: number): Promise<void> {
    const describe = (): string => `${condition}; ${this.describe()}`;
    await this.#changes.until(condition, describe, limitMs, () => this.closed !== undefined);
  }

  async untilClosed(limitMs?: number): Promise<number> {
    await this.#changes.until(
      () => this.closed !== undefined,
      () => `the end of ${this.describe()}`,
      limitMs,
    );
    return this.closed?.code ?? 0;
  }

  register(chatId: string, options: RegisterOptions = {}): void {
    this.send({ type: 'register', payload: { chatId, ...options } });
  }

  /** Registers and returns the answer. */
  async join(chatId: string, options: RegisterOptions = {}): Promise<Registered['payload']> {
    const before = this.registered.length;
    this.register(chatId, options);
    await this.until(() => this.registered.length > before);
    const answer = this.registered[before];
    if (answer === undefined) throw new Error('unreachable: just waited for it');
    return answer;
  }

  chat(message: string, options: ChatOptions = {}): void {
    this.send({ type: 'chat', payload: { message, ...options } });
  }

  /** Sends with an id, waits until it is acknowledged and seen here, and returns the seq. */
  async say(message: string, data?: unknown): Promise<number> {
    const id = newId();
    this.chat(message, data === undefined ? { id } : { id, data });
    await this.until(() => this.answerTo(id) !== undefined);
    const answer = this.answerTo(id);
    if (answer === undefined || !('seq' in answer)) throw new Error(`refused: ${this.describe()}`);
    await this.until(() => this.#hasSeen(answer));
    return answer.seq;
  }

  /** Says all of it, at most `window` lines ahead of the acks, and waits until all is seen here. */
  async sayAll(messages: readonly string[], window = 20): Promise<void> {
    const acked = this.acks.length;
    for (const [sent, message] of messages.entries()) {
      await this.until(() => sent - (this.acks.length - acked) < window, 30_000);
      this.chat(message, { id: newId() });
    }
    await this.until(() => this.acks.length - acked === messages.length, 30_000);
    await this.until(() => this.acks.every((ack) => this.#hasSeen(ack)), 30_000);
  }

  send(message: unknown): void {
    this.sendText(JSON.stringify(message));
  }

  sendText(text: string): void {
    this.#ws.send(text);
  }

  sendBinary(bytes: Uint8Array): void {
    this.#ws.send(bytes, { binary: true });
  }

  ping(): void {
    this.#ws.ping();
  }

  /** What is sent within `body` leaves in one write, and so, if it is short, in one segment. */
  inOneSegment(body: () => void): void {
    this.#socket.cork();
    body();
    this.#socket.uncork();
  }

  /** Stops reading: the kernel's buffers fill, then the server cannot write any more. */
  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  async close(code = 1000): Promise<void> {
    this.#ws.resume();
    this.#ws.close(code);
    await this.untilClosed();
  }

  /** Like a cable that is pulled. */
  terminate(): void {
    this.closed ??= { code: 1006, reason: 'terminated by the test' };
    this.#ws.terminate();
    this.#changes.changed();
  }

  describe(): string {
    return `viewer of ${this.url}, closed ${JSON.stringify(this.closed)}: ${this.summary()}`;
  }

  /** The ack may come before the message. Of a room that was left nothing comes any more. */
  #hasSeen(ack: Ack['payload']): boolean {
    const room = this.registered.at(-1)?.chatId;
    return ack.chatId !== room || (this.position?.seq ?? 0) >= ack.seq;
  }

  #heard(data: Buffer, isBinary: boolean): void {
    const text = data.toString();
    this.recentTexts.push(text);
    if (this.recentTexts.length > recentTextsMax) this.recentTexts.shift();
    try {
      const value: unknown = JSON.parse(text);
      const isBatch = this.protocol === batchProtocol;
      if (isBinary) throw new Error('a binary message');
      if (Array.isArray(value) !== isBatch) throw new Error('not the form that was agreed');
      const messages: unknown[] = Array.isArray(value) ? value : [value];
      if (messages.length === 0) throw new Error('an empty array');
      if (messages.length > 1 && data.length > batchBytesMax) {
        throw new Error(`${messages.length} messages in ${data.length} bytes`);
      }
      this.frameBytes.push(data.length);
      this.frameMessages.push(messages.length);
      for (const message of messages) this.note(parseServerMessage(message));
    } catch (error) {
      this.violations.push(`${String(error)}: ${text.slice(0, 300)}`);
    }
    this.#changes.changed();
  }
}
