// The Redis of a round, and what can be done to its data.
import { mkdirSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RedisServer } from '../integration/harness/redis.ts';
import type { RedisData } from './fault.ts';
import type { Loss } from './history.ts';
import type { Setup } from './plan.ts';
import type { Target } from './proxy.ts';

/** What `Storm` needs of a Redis, alone or with a replica. */
export interface Store {
  /** The one that takes writes. */
  readonly redis: RedisServer;
  /** What the servers are given. */
  readonly url: string;
  readonly target: Target;
  readonly losses: Loss[];
  readonly starts: number;
  /** kill -9, and a new process. `before`: runs as late as possible before the kill. */
  restart(data: RedisData, downMs: number, before: () => Promise<void>): Promise<void>;
  failOver(lagMs: number, before: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

const samplePeriodMs = 50;
const cutMs = 1000;

export class SingleStore implements Store {
  readonly redis: RedisServer;
  readonly losses: Loss[] = [];
  starts = 1;
  readonly #sizes: { readonly at: number; readonly bytes: number }[] = [];
  readonly #sampling: NodeJS.Timeout;
  #restarting: Promise<void> = Promise.resolve();

  private constructor(redis: RedisServer) {
    this.redis = redis;
    this.#sampling = setInterval(() => this.#sample(), samplePeriodMs);
  }

  static async start(setup: Setup): Promise<SingleStore> {
    return new SingleStore(await RedisServer.start({ persistent: setup.persistence === 'whole' }));
  }

  get url(): string {
    return this.redis.url;
  }

  get target(): Target {
    return { path: this.redis.socket };
  }

  /** One after the other, however close the plan has put them. */
  async restart(data: RedisData, downMs: number, before: () => Promise<void>): Promise<void> {
    const last = this.#restarting;
    this.#restarting = last.then(() => this.#restart(data, downMs, before));
    await this.#restarting;
  }

  async failOver(): Promise<void> {
    throw new Error('there is no replica');
  }

  async close(): Promise<void> {
    clearInterval(this.#sampling);
    await this.redis.close();
  }

  async #restart(data: RedisData, downMs: number, before: () => Promise<void>): Promise<void> {
    await before();
    await this.redis.kill9();
    if (data === 'cut') this.#cut();
    if (data === 'lost') rmSync(this.#logDirectory, { recursive: true, force: true });
    this.#sizes.length = 0;
    await delay(downMs);
    this.starts += 1;
    await this.redis.startAgain();
    if (data !== 'kept') this.losses.push({ room: undefined, at: Date.now() });
  }

  get #logDirectory(): string {
    return join(this.redis.directory, 'appendonlydir');
  }

  /** The file that grows: its base and its list of files do not change within a round. */
  get #log(): string | undefined {
    mkdirSync(this.#logDirectory, { recursive: true });
    const name = readdirSync(this.#logDirectory).find((file) => file.endsWith('.incr.aof'));
    return name === undefined ? undefined : join(this.#logDirectory, name);
  }

  #sample(): void {
    const log = this.#log;
    if (log !== undefined) this.#sizes.push({ at: performance.now(), bytes: statSync(log).size });
  }

  /** To what it was a second ago, as if that had not reached the disk. It may end anywhere. */
  #cut(): void {
    const log = this.#log;
    const limit = performance.now() - cutMs;
    const old = this.#sizes.findLast(({ at }) => at <= limit) ?? this.#sizes[0];
    if (log !== undefined && old !== undefined) truncateSync(log, old.bytes);
  }
}
