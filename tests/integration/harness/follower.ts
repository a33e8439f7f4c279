// A viewer as an SDK is one: it outlives its connections, obeys `redistribute`, resumes with
// `since`, takes each line once, and repeats what was not answered.
import { setTimeout as delay } from 'node:timers/promises';
import type { Chat, Position, Redistribute } from './messages.ts';
import { newId, Viewer, type ViewerOptions } from './viewer.ts';
import { Changes } from './wait.ts';

export interface FollowerOptions extends ViewerOptions {
  readonly room: string;
  /** Where to go when no server said where: the first time and after a lost connection. */
  readonly pick: () => Promise<string> | string;
}

const reconnectDelayMs = 50;
const attemptsMax = 100;

export class Follower {
  /** The room as this viewer saw it, over all connections. */
  readonly lines: Chat[] = [];
  readonly violations: string[] = [];
  /** Answers with `recovered: false`: something was lost, and the viewer was told so. */
  unrecovered = 0;
  connections = 0;
  redistributed = 0;
  position: Position | undefined;
  readonly #options: FollowerOptions;
  readonly #viewers = new Set<Viewer>();
  readonly #unanswered = new Map<string, string>();
  readonly #changes = new Changes();
  #current: Viewer | undefined;
  #stopped = false;
  #failure: unknown;

  private constructor(options: FollowerOptions) {
    this.#options = options;
  }

  static async start(options: FollowerOptions): Promise<Follower> {
    const follower = new Follower(options);
    await follower.#arrive(await options.pick());
    return follower;
  }

  get url(): string {
    return this.#current?.url ?? '';
  }

  get texts(): string[] {
    return this.lines.map((line) => line.message);
  }

  async until(condition: () => boolean, limitMs?: number): Promise<void> {
    const describe = (): string => `${condition}; ${this.describe()}`;
    await this.#changes.until(condition, describe, limitMs, () => this.#failure !== undefined);
  }

  /** Sends with an id, and again on later connections until it is acknowledged. */
  say(message: string): void {
    const id = newId();
    this.#unanswered.set(id, message);
    this.#current?.chat(message, { id });
  }

  get unanswered(): number {
    return this.#unanswered.size;
  }

  /** Leaves for another server of its own will, without waiting for the old one. */
  async hop(url: string): Promise<void> {
    const old = this.#current;
    this.#current = undefined;
    if (old !== undefined) this.#leave(old);
    await this.#arrive(url);
  }

  stop(): void {
    this.#stopped = true;
    for (const viewer of this.#viewers) this.#leave(viewer);
  }

  describe(): string {
    const connections = [...this.#viewers].map((viewer) => viewer.describe()).join('\n  ');
    return `follower with ${this.lines.length} lines at ${JSON.stringify(this.position)}, ${this.unanswered} unanswered, violations [${this.violations.join('; ')}]\n  ${connections}`;
  }

  async #arrive(url: string): Promise<void> {
    this.connections += 1;
    const viewer = await Viewer.open(url, this.#options);
    this.#viewers.add(viewer);
    void this.#pump(viewer);
    const since = this.position;
    viewer.register(this.#options.room, since === undefined ? {} : { since });
    await viewer.until(() => viewer.registered.length > 0);
    if (this.#stopped) return this.#leave(viewer);
    this.#current = viewer;
    for (const [id, message] of this.#unanswered) viewer.chat(message, { id });
  }

  /** Takes over what one connection is told, until it ends. */
  async #pump(viewer: Viewer): Promise<void> {
    let taken = 0;
    let base: Position | undefined; // of this connection
    while (viewer.closed === undefined || taken < viewer.told.length) {
      const message = viewer.told[taken];
      if (message === undefined) {
        await viewer.until(() => taken < viewer.told.length, 600_000).catch(() => {});
        continue;
      }
      taken += 1;
      if (message.type === 'registered') {
        base = message.payload;
        this.#rebase(message.payload, message.payload.recovered);
      } else if (message.type === 'chat') {
        this.#take(message, base);
      } else if (message.type === 'gap') {
        this.violations.push(`gap ${JSON.stringify(message.payload)}`);
      } else if (message.type === 'ack') {
        this.#unanswered.delete(message.payload.id);
      } else if (message.type === 'error') {
        this.#refused(viewer, message.payload);
      } else if (message.type === 'redistribute') {
        this.#moveOn(viewer, message.payload).catch((error: unknown) => this.#fail(error));
      }
      this.#changes.changed();
    }
    this.violations.push(...viewer.violations);
    this.#viewers.delete(viewer);
    this.#changes.changed();
    if (this.#current !== viewer || this.#stopped) return;
    this.#current = undefined;
    this.#comeBack().catch((error: unknown) => this.#fail(error));
  }

  #rebase(to: Position, recovered: boolean | undefined): void {
    if (this.position?.epoch === to.epoch && this.position.seq >= to.seq) return;
    if (recovered === false) this.unrecovered += 1;
    if (this.position?.epoch === to.epoch && recovered === true) {
      this.violations.push(`recovered at ${to.seq}, but asked from ${this.position.seq} on`);
    }
    this.position = { epoch: to.epoch, seq: to.seq };
  }

  #take(chat: Chat, base: Position | undefined): void {
    if (this.position === undefined || base?.epoch !== this.position.epoch) return;
    if (chat.seq <= this.position.seq) return; // the other connection was first
    if (chat.seq !== this.position.seq + 1) {
      this.violations.push(`chat ${chat.seq} where ${this.position.seq + 1} comes next`);
    }
    this.position = { epoch: this.position.epoch, seq: chat.seq };
    const isRepeat = this.lines
      .slice(-1000)
      .some((line) => line.id !== undefined && line.id === chat.id);
    if (!isRepeat) this.lines.push(chat);
  }

  #refused(viewer: Viewer, error: Viewer['errors'][number]): void {
    const { id, retryAfterMs } = error;
    const message = id === undefined ? undefined : this.#unanswered.get(id);
    if (id === undefined || message === undefined) {
      this.violations.push(`error ${JSON.stringify(error)}`);
      return;
    }
    setTimeout(() => {
      if (viewer.closed === undefined && this.#current === viewer) viewer.chat(message, { id });
    }, retryAfterMs ?? 200);
  }

  async #moveOn(old: Viewer, told: Redistribute['payload']): Promise<void> {
    this.redistributed += 1;
    await delay(told.delayMs);
    if (this.#stopped || this.#current !== old) return;
    this.#current = undefined; // new lines wait until those sent here are answered
    const url = told.redirect ?? (await this.#options.pick());
    await this.#unlessAnswered(old);
    await this.#arrive(url).catch(() => this.#comeBack());
    this.#leave(old);
  }

  async #unlessAnswered(old: Viewer): Promise<void> {
    const sent = new Set(this.#unanswered.keys());
    const decided = (): boolean =>
      old.closed !== undefined || ![...sent].some((id) => this.#unanswered.has(id));
    await this.#changes.until(decided, () => `answers; ${this.describe()}`, 20_000);
  }

  async #comeBack(): Promise<void> {
    let failure: unknown;
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      if (this.#stopped) return;
      await delay(reconnectDelayMs);
      try {
        return await this.#arrive(await this.#options.pick());
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  #leave(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    void viewer.close().catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    this.#failure = error;
    this.#changes.changed();
  }
}
