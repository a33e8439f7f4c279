// A reader of Server-Sent Events, as strict as the balancer is regular: two lines and an empty one.
import { request } from 'undici';
import { Changes } from './wait.ts';

export interface ServerEvent {
  readonly name: string;
  readonly data: unknown;
  /** Of the data, in bytes. */
  readonly size: number;
}

const shape = /^event: ([a-z]+)\ndata: ([^\n]*)$/;

export class EventStream {
  readonly events: ServerEvent[] = [];
  readonly violations: string[] = [];
  ended = false;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly #stop: AbortController;
  readonly #changes = new Changes();

  private constructor(headers: NodeJS.Dict<string | string[]>, stop: AbortController) {
    this.headers = headers;
    this.#stop = stop;
  }

  static async open(url: string): Promise<EventStream> {
    const stop = new AbortController();
    const answer = await request(url, { signal: stop.signal, bodyTimeout: 0 });
    if (answer.statusCode !== 200) {
      throw new Error(`no stream: ${answer.statusCode} ${await answer.body.text()}`);
    }
    const stream = new EventStream(answer.headers, stop);
    void stream.#pump(answer.body.setEncoding('utf8'));
    return stream;
  }

  async until(condition: () => boolean, limitMs?: number): Promise<void> {
    const describe = (): string =>
      `${condition}; ended: ${this.ended}, ${this.events.length} events, the last: ${JSON.stringify(this.events.at(-1))?.slice(0, 2000)}`;
    await this.#changes.until(condition, describe, limitMs);
  }

  /** Of as many events as were there, and the next one. */
  async next(): Promise<ServerEvent> {
    const before = this.events.length;
    await this.until(() => this.events.length > before || this.ended);
    const event = this.events[before];
    if (event === undefined) throw new Error('the stream has ended');
    return event;
  }

  close(): void {
    this.#stop.abort();
  }

  async #pump(body: AsyncIterable<string>): Promise<void> {
    let rest = '';
    try {
      for await (const chunk of body) {
        const parts = (rest + chunk).split('\n\n');
        rest = parts.pop() ?? '';
        for (const part of parts) this.#heard(part);
        this.#changes.changed();
      }
    } catch {
      // Ended by us, or with its balancer.
    }
    if (rest !== '' && !this.#stop.signal.aborted) this.violations.push(`half an event: ${rest}`);
    this.ended = true;
    this.#changes.changed();
  }

  #heard(event: string): void {
    const [, name, data] = shape.exec(event) ?? [];
    if (name === undefined || data === undefined) {
      this.violations.push(`no event: ${event.slice(0, 300)}`);
      return;
    }
    this.events.push({ name, data: JSON.parse(data), size: Buffer.byteLength(data) });
  }
}
