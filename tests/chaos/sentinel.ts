// A master, a lagging replica and a Sentinel that makes it the new master.
import { createClient } from '@redis/client';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Child } from '../integration/harness/child.ts';
import { freePort, RedisServer } from '../integration/harness/redis.ts';
import { eventually } from '../integration/harness/wait.ts';
import type { Loss } from './history.ts';
import type { Target } from './proxy.ts';
import type { Store } from './store.ts';

const name = 'chaos';
const downAfterMs = 500;
const failOverLimitMs = 15_000;

export class SentinelStore implements Store {
  readonly losses: Loss[] = [];
  starts = 1;
  readonly #master: RedisServer;
  readonly #replica: RedisServer;
  readonly #directory = mkdtempSync(join(tmpdir(), 'spillway-sentinel-'));
  readonly #port: number;
  #sentinel: Child | undefined;
  #failedOver: Promise<void> | undefined;

  private constructor(master: RedisServer, replica: RedisServer, port: number) {
    this.#master = master;
    this.#replica = replica;
    this.#port = port;
  }

  static async start(): Promise<SentinelStore> {
    const master = await RedisServer.start({ tcp: true });
    const replica = await RedisServer.start({ tcp: true });
    const store = new SentinelStore(master, replica, await freePort());
    await store.#begin();
    return store;
  }

  get redis(): RedisServer {
    return this.starts === 1 ? this.#master : this.#replica;
  }

  get url(): string {
    return `redis+sentinel://127.0.0.1:${this.#port}/${name}`;
  }

  get target(): Target {
    return { path: this.#master.socket }; // no link goes through a proxy here
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
    await this.#sentinel?.kill9();
    await Promise.all([this.#master.close(), this.#replica.close()]);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #begin(): Promise<void> {
    const replica = await this.#replica.client();
    const master = portOf(this.#master);
    await replica.sendCommand(['REPLICAOF', '127.0.0.1', master]);
    const linked = async (): Promise<string> => replica.info('replication');
    await eventually(linked, (info) => info.includes('master_link_status:up'));
    const file = join(this.#directory, 'sentinel.conf');
    writeFileSync(file, configuration(this.#port, master));
    const sentinel = new Child('redis-server', [file, '--sentinel']);
    this.#sentinel = sentinel;
    await sentinel.until(() => sentinel.stdout.includes('+monitor'));
    await this.#untilReplicaIsKnown();
  }

  /** Sentinel asks the master for its replicas only now and then. */
  async #untilReplicaIsKnown(): Promise<void> {
    const client = createClient({ RESP: 2, url: `redis://127.0.0.1:${this.#port}` });
    client.on('error', () => {});
    await client.connect();
    const replicas = async (): Promise<string> =>
      JSON.stringify(await client.sendCommand(['SENTINEL', 'REPLICAS', name]));
    await eventually(replicas, (answer) => answer.includes(portOf(this.#replica)), failOverLimitMs);
    client.destroy();
  }

  async #failOver(lagMs: number, before: () => Promise<void>): Promise<void> {
    this.#replica.freeze();
    await delay(lagMs);
    await before();
    await this.#master.kill9();
    this.#replica.thaw();
    const client = await this.#replica.client();
    const role = async (): Promise<string> => client.info('replication');
    await eventually(role, (info) => info.includes('role:master'), failOverLimitMs);
    this.starts += 1;
    this.losses.push({ room: undefined, at: Date.now() });
  }
}

const portOf = (redis: RedisServer): string => new URL(redis.tcpUrl).port;

function configuration(port: number, master: string): string {
  return [
    `port ${port}`,
    'bind 127.0.0.1',
    `sentinel monitor ${name} 127.0.0.1 ${master} 1`,
    `sentinel down-after-milliseconds ${name} ${downAfterMs}`,
    `sentinel failover-timeout ${name} 3000`,
    '',
  ].join('\n');
}
