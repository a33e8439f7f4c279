// For tests: a browser whose time and streams are in the test's hands.
import type { Health } from '../model/freshness.ts';
import type { Platform, StreamHandlers } from '../store.ts';

interface Timer {
  atMs: number;
  readonly everyMs: number | undefined;
  readonly run: () => void;
}

export class FakePlatform implements Platform {
  readonly streams: { url: string; handlers: StreamHandlers; closed: boolean }[] = [];
  healthy: Health = 'ok';
  #nowMs = 0;
  readonly #timers = new Set<Timer>();

  readonly now = (): number => this.#nowMs;
  readonly random = (): number => 1;
  readonly health = (): Promise<Health> => Promise.resolve(this.healthy);

  readonly open = (url: string, handlers: StreamHandlers): (() => void) => {
    const stream = { url, handlers, closed: false };
    this.streams.push(stream);
    return () => (stream.closed = true);
  };

  readonly every = (ms: number, run: () => void): (() => void) => this.#add(ms, ms, run);
  readonly after = (ms: number, run: () => void): (() => void) => this.#add(ms, undefined, run);

  /** Time passes, and promises come to their ends. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const next = [...this.#timers].toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      if (next.everyMs === undefined) this.#timers.delete(next);
      else next.atMs += next.everyMs;
      next.run();
      await Promise.resolve();
    }
    this.#nowMs = untilMs;
    await Promise.resolve();
  }

  /** That which is open, or was at last. */
  get stream(): { url: string; handlers: StreamHandlers; closed: boolean } {
    const stream = this.streams.at(-1);
    if (stream === undefined) throw new Error('no stream was opened');
    return stream;
  }

  #add(ms: number, everyMs: number | undefined, run: () => void): () => void {
    const timer: Timer = { atMs: this.#nowMs + ms, everyMs, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
}
