// A master, its replica and a Sentinel that makes the replica the master when the master is gone.
import { createClient } from '@redis/client';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from './child.ts';
import { freePort, RedisServer, type RedisClient } from './redis.ts';
import { eventually } from './wait.ts';

const name = 'main';
/** A master is as good as dead only when the test says so: on a busy machine one may be slow. */
const patienceMs = 600_000;
const downAfterMs = 500;
const failOverLimitMs = 15_000;

const portOf = (redis: RedisServer): string => new URL(redis.tcpUrl).port;

function configuration(port: number, master: string): string {
  return [
    `port ${port}`,
    'bind 127.0.0.1',
    `sentinel monitor ${name} 127.0.0.1 ${master} 1`,
    `sentinel down-after-milliseconds ${name} ${patienceMs}`,
    `sentinel failover-timeout ${name} 3000`,
    '',
  ].join('\n');
}

/** Sentinel closes everybody's connections to a Redis whose role it changes: each look has its own. */
export async function untilRole(redis: RedisServer, role: 'master' | 'slave'): Promise<void> {
  const look = async (): Promise<string> => {
    let client: RedisClient | undefined;
    try {
      client = await redis.client();
      return await client.info('replication');
    } catch {
      return 'closed meanwhile';
    } finally {
      if (client?.isOpen === true) client.destroy();
    }
  };
  await eventually(look, (info) => info.includes(`role:${role}`), failOverLimitMs);
}

export class SentinelFleet {
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly #directory = mkdtempSync(join(tmpdir(), 'spillway-sentinel-'));
  readonly #port: number;
  #sentinel: Child | undefined;

  private constructor(master: RedisServer, replica: RedisServer, port: number) {
    this.master = master;
    this.replica = replica;
    this.#port = port;
  }

  static async start(): Promise<SentinelFleet> {
    const master = await RedisServer.start({ tcp: true });
    const replica = await RedisServer.start({ tcp: true });
    const fleet = new SentinelFleet(master, replica, await freePort());
    try {
      await fleet.#begin();
      return fleet;
    } catch (error) {
      await fleet.close();
      throw error;
    }
  }

  get url(): string {
    return `redis+sentinel://127.0.0.1:${this.#port}/${name}`;
  }

  /** Resolves once the replica takes writes. */
  async failOver(): Promise<void> {
    await this.killMaster();
    await this.untilPromoted();
  }

  async killMaster(): Promise<void> {
    await this.master.kill9();
    await this.#loseMaster();
  }

  /** It keeps its connections and answers nothing. */
  async hangMaster(): Promise<void> {
    this.master.freeze();
    await this.#loseMaster();
  }

  /** By an operator, while the master lives: it becomes a replica of the other. */
  async orderFailOver(): Promise<void> {
    await this.#tell(['SENTINEL', 'FAILOVER', name]);
    await this.untilPromoted();
  }

  async untilPromoted(): Promise<void> {
    await untilRole(this.replica, 'master');
  }

  async close(): Promise<void> {
    await this.#sentinel?.kill9();
    await Promise.all([this.master.close(), this.replica.close()]);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #loseMaster(): Promise<void> {
    await this.#tell(['SENTINEL', 'SET', name, 'down-after-milliseconds', String(downAfterMs)]);
  }

  async #begin(): Promise<void> {
    const replica = await this.replica.client();
    const master = portOf(this.master);
    await replica.sendCommand(['REPLICAOF', '127.0.0.1', master]);
    const linked = async (): Promise<string> => replica.info('replication');
    await eventually(linked, (info) => info.includes('master_link_status:up'));
    const file = join(this.#directory, 'sentinel.conf');
    writeFileSync(file, configuration(this.#port, master));
    const sentinel = new Child('redis-server', [file, '--sentinel']);
    this.#sentinel = sentinel;
    await sentinel.until(() => sentinel.stdout.includes('+monitor'));
    // Sentinel asks the master for its replicas only now and then.
    const replicas = async (): Promise<string> =>
      JSON.stringify(await this.#tell(['SENTINEL', 'REPLICAS', name]));
    await eventually(replicas, (answer) => answer.includes(portOf(this.replica)), failOverLimitMs);
  }

  async #tell(command: string[]): Promise<unknown> {
    const client = createClient({ RESP: 2, url: `redis://127.0.0.1:${this.#port}` });
    client.on('error', () => {});
    await client.connect();
    try {
      return await client.sendCommand(command);
    } finally {
      client.destroy();
    }
  }
}
