// A WebSocket without a network: the test is the other side.
import type { SocketEvent, WebSocketLike } from '../platform.ts';

type Listener = (event: SocketEvent) => void;

export class FakeSocket implements WebSocketLike {
  static readonly all: FakeSocket[] = [];
  readonly url: string;
  readonly protocols: readonly string[];
  readonly sent: string[] = [];
  closedWith: number | undefined;
  readonly #listeners: { readonly type: string; readonly listener: Listener }[] = [];

  constructor(url: string, protocols: string[] = []) {
    if (!URL.canParse(url)) throw new SyntaxError(`${url} is no URL`);
    this.url = url;
    this.protocols = protocols;
    FakeSocket.all.push(this);
  }

  static get newest(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (socket === undefined) throw new Error('nobody opened a socket');
    return socket;
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.push({ type, listener });
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(code?: number): void {
    this.closedWith = code;
  }

  emit(type: 'open' | 'message' | 'close' | 'error', event: SocketEvent = {}): void {
    for (const one of this.#listeners) if (one.type === type) one.listener(event);
  }

  say(...messages: object[]): void {
    this.emit('message', { data: JSON.stringify(messages) });
  }

  /** Opens, and lets the viewer in at (e, seq). */
  letIn(seq = 10): void {
    this.emit('open');
    this.say({
      type: 'registered',
      payload: { chatId: 'lobby', epoch: 'e', seq, recovered: true, viewers: 3 },
    });
  }
}
