// A master, a lagging replica and a Sentinel that makes it the new master.
import { setTimeout as delay } from 'node:timers/promises';
import type { RedisServer } from '../integration/harness/redis.ts';
import { SentinelFleet } from '../integration/harness/sentinel.ts';
import type { Loss } from './history.ts';
import type { Target } from './proxy.ts';
import type { Store } from './store.ts';

export class SentinelStore implements Store {
  readonly losses: Loss[] = [];
  starts = 1;
  readonly #fleet: SentinelFleet;
  #failedOver: Promise<void> | undefined;

  private constructor(fleet: SentinelFleet) {
    this.#fleet = fleet;
  }

  static async start(): Promise<SentinelStore> {
    return new SentinelStore(await SentinelFleet.start());
  }

  get redis(): RedisServer {
    return this.starts === 1 ? this.#fleet.master : this.#fleet.replica;
  }

  get url(): string {
    return this.#fleet.url;
  }

  get target(): Target {
    return { path: this.#fleet.master.socket }; // no link goes through a proxy here
  }

  async restart(): Promise<void> {
    throw new Error('a master that is failed over from stays away');
  }

  /** Once a round: there is one replica. The replica lacks what the master took while it stood. */
  async failOver(lagMs: number, before: () => Promise<void>): Promise<void> {
    this.#failedOver ??= this.#failOver(lagMs, before);
    await this.#failedOver;
  }

  async close(): Promise<void> {
    await this.#fleet.close();
  }

  async #failOver(lagMs: number, before: () => Promise<void>): Promise<void> {
    this.#fleet.replica.freeze();
    await delay(lagMs);
    await before();
    await this.#fleet.killMaster();
    this.#fleet.replica.thaw();
    await this.#fleet.untilPromoted();
    this.starts += 1;
    this.losses.push({ room: undefined, at: Date.now() });
  }
}
