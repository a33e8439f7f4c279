// The SDK's WebSocket with a wire tap: an independent implementation (`ws`), which notes what goes
// over it before the SDK hears it.
import { WebSocket, type RawData } from 'ws';
import type { WebSocketConstructor } from '../../web/sdk/src/index.ts';
import { Journal } from '../integration/harness/journal.ts';
import { isRecord, parseServerMessage, type Position } from '../integration/harness/messages.ts';
import type { ServerMessage } from '../integration/harness/messages.ts';
import { Segments } from './segments.ts';
import { isRetryable } from './stay.ts';

export interface TapListener {
  readonly route: (url: string) => string;
  readonly opened: (tap: Tap) => void;
  readonly heard: (tap: Tap, message: ServerMessage) => void;
  /** A line goes out. */
  readonly said: (tap: Tap, id: string) => void;
  readonly changed: () => void;
}

export class Tap extends WebSocket {
  /** As it is in the registry. */
  readonly server: string;
  readonly journal = new Journal();
  readonly segments = new Segments();
  readonly troubles: string[] = [];
  readonly #listener: TapListener;
  #left = false;

  constructor(url: string, protocols: string[], listener: TapListener) {
    super(listener.route(url), protocols);
    this.server = url;
    this.#listener = listener;
    listener.opened(this);
    this.on('message', (data) => this.#heard(data));
    this.on('close', (code, reason) => this.#closed(code, reason.toString()));
  }

  get isOver(): boolean {
    return this.readyState === WebSocket.CLOSING || this.readyState === WebSocket.CLOSED;
  }

  override send(text: string): void {
    if (!this.isOver) this.#says(JSON.parse(text));
    super.send(text);
  }

  override close(code?: number): void {
    this.#left = true;
    super.close(code);
  }

  #says(message: unknown): void {
    const payload = isRecord(message) ? message['payload'] : undefined;
    if (!isRecord(message) || !isRecord(payload)) return;
    if (message['type'] === 'register') {
      this.segments.ask(String(payload['chatId']), positionOf(payload['since']));
    } else {
      this.#listener.said(this, String(payload['id']));
    }
  }

  #heard(data: RawData): void {
    try {
      const value: unknown = JSON.parse(String(data));
      const messages: unknown[] = Array.isArray(value) ? value : [value];
      for (const message of messages.map(parseServerMessage)) {
        this.journal.note(message);
        // It is in one room only.
        this.segments.hear(message, () => this.segments.room);
        this.#listener.heard(this, message);
      }
    } catch (error) {
      this.journal.violations.push(`${String(error)}: ${String(data).slice(0, 300)}`);
    }
    this.#listener.changed();
  }

  #closed(code: number, reason: string): void {
    if (!this.#left && !isRetryable(code)) {
      this.troubles.push(`closed with ${code} by ${this.server}: ${reason}`);
    }
    this.#listener.changed();
  }
}

function positionOf(since: unknown): Position | undefined {
  if (!isRecord(since)) return undefined;
  return { epoch: String(since['epoch']), seq: Number(since['seq']) };
}

/** What the SDK takes instead of a browser's WebSocket. */
export function tapped(listener: TapListener): WebSocketConstructor {
  return class extends Tap {
    constructor(url: string, protocols: string[] = []) {
      super(url, protocols, listener);
    }
  };
}
