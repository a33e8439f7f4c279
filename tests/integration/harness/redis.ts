// A private redis-server on a Unix socket in a directory of its own.
import { createClient, RESP_TYPES } from '@redis/client';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from './child.ts';

export interface RedisOptions {
  /** Listens on a free TCP port as well. */
  readonly tcp?: boolean;
  readonly persistent?: boolean;
}

function newClient(path: string) {
  // RESP2 and plain objects: what redis-cli shows is what the tests see.
  return createClient({ RESP: 2, socket: { path, tls: false, reconnectStrategy: false } });
}

export type RedisClient = ReturnType<typeof newClient>;

export class RedisServer {
  readonly #directory = mkdtempSync(join(tmpdir(), 'spillway-redis-'));
  readonly #options: RedisOptions;
  readonly #clients: RedisClient[] = [];
  #child: Child | undefined;
  #port = 0;

  private constructor(options: RedisOptions) {
    this.#options = options;
  }

  static async start(options: RedisOptions = {}): Promise<RedisServer> {
    const redis = new RedisServer(options);
    if (options.tcp) redis.#port = await freePort();
    try {
      await redis.startAgain();
      return redis;
    } catch (error) {
      await redis.close();
      throw error;
    }
  }

  get socket(): string {
    return join(this.#directory, 'redis.sock');
  }

  get url(): string {
    return `unix://${this.socket}`;
  }

  get tcpUrl(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  get directory(): string {
    return this.#directory;
  }

  /**
   * After `kill9`: a new process at the same address, with what it kept if it is persistent.
   * `further`: arguments; `ready`: what it says once it listens.
   */
  async startAgain(
    further: readonly string[] = [],
    ready = 'ready to accept connections at',
  ): Promise<void> {
    const args = ['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', this.#directory];
    args.push('--unixsocket', this.socket, '--save', '', '--maxmemory-policy', 'noeviction');
    if (this.#options.persistent) args.push('--appendonly', 'yes', '--appendfsync', 'always');
    const child = new Child('redis-server', [...args, ...further]);
    this.#child = child;
    await child.until(() => child.stdout.includes(ready));
  }

  async kill9(): Promise<void> {
    await this.#child?.kill9();
  }

  /** Keeps the connections and answers nothing, like a machine that hangs. */
  freeze(): void {
    this.#child?.signal('SIGSTOP');
  }

  thaw(): void {
    this.#child?.signal('SIGCONT');
  }

  async client(): Promise<RedisClient> {
    const client = newClient(this.socket);
    client.on('error', () => {}); // tests kill Redis on purpose; commands still reject
    await client.connect();
    this.#clients.push(client);
    return client;
  }

  /** Everything published on channels that match, in order. */
  async listen(pattern: string): Promise<{ channel: string; message: Buffer }[]> {
    const heard: { channel: string; message: Buffer }[] = [];
    const client = await this.client();
    const onMessage = (message: Buffer, channel: Buffer): void => {
      heard.push({ channel: channel.toString(), message });
    };
    await client.pSubscribe(pattern, onMessage, true);
    return heard;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) if (client.isOpen) client.destroy();
    await this.#child?.kill9();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

export interface LogEntry {
  readonly id: string;
  readonly fields: readonly string[];
  /** Field `b`: the batch as it was published. */
  readonly batch: Buffer;
}

/** All of a room's log, oldest first. */
export async function logEntries(client: RedisClient, key: string): Promise<LogEntry[]> {
  const bytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const entries = (await bytes.xRange(key, '-', '+')) ?? [];
  return entries.map(({ id, message }) => ({
    id: id.toString(),
    fields: Object.keys(message),
    batch: message['b'] ?? Buffer.alloc(0),
  }));
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}
