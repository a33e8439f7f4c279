// A viewer who talks until told to stop, as fast as the answers come.
import { newId, type Viewer } from './viewer.ts';

export class Talker {
  /** Of all lines, in the order they were sent. */
  readonly ids: string[] = [];
  readonly #viewer: Viewer;
  readonly #window: number;
  readonly #running: Promise<void>;
  #stopped = false;

  /** At most `window` lines are unanswered at a time; a refusal is an answer. */
  constructor(viewer: Viewer, window: number) {
    this.#viewer = viewer;
    this.#window = window;
    this.#running = this.#run();
    this.#running.catch(() => {}); // `finish` rejects with it
  }

  /** Resolves when the last line is answered. */
  async finish(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  #unanswered(): number {
    return this.ids.length - this.#viewer.acks.length - this.#viewer.errors.length;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const id = newId();
      this.ids.push(id);
      this.#viewer.chat(`line ${this.ids.length}`, { id });
      await this.#viewer.until(() => this.#unanswered() < this.#window, 30_000);
    }
    await this.#viewer.until(() => this.#unanswered() === 0, 30_000);
  }
}
