// The servers of a round: each has a slot, a proxy in front of it, and another towards Redis.
import { toArguments, type Flags } from '../integration/harness/binary.ts';
import { ChatServer } from '../integration/harness/server.ts';
import { scaled } from '../integration/harness/wait.ts';
import { setTimeout as delay } from 'node:timers/promises';
import type { Setup } from './plan.ts';
import { Proxy, type Target } from './proxy.ts';
import { Vitals } from './vitals.ts';

export interface Running {
  readonly server: ChatServer;
  /** What viewers connect to. */
  readonly front: Proxy;
  readonly vitals: Vitals;
  /** Ended with SIGKILL by us: nothing can be asked of how it ended. */
  killed: boolean;
}

interface Slot {
  readonly link: Proxy | undefined;
  now: Running | undefined;
}

const startLimitMs = 10_000;
const startAgainMs = 100;

export class Fleet {
  readonly slots: Slot[] = [];
  /** All there ever were. */
  readonly all: Running[] = [];
  readonly #setup: Setup;
  readonly #redisUrl: string;
  readonly #flags: Flags;

  constructor(setup: Setup, redisUrl: string) {
    this.#setup = setup;
    this.#redisUrl = redisUrl;
    this.#flags = {
      threads: setup.threads,
      io: setup.io,
      'history-messages': setup.historyMessages,
      'history-window': `${setup.historyWindowMs}ms`,
      'drain-timeout': '3s',
    };
  }

  async start(redis: Target): Promise<void> {
    for (let slot = 0; slot < this.#setup.servers; slot += 1) {
      const link = this.#setup.link === 'proxy' ? await Proxy.start(redis) : undefined;
      this.slots.push({ link, now: undefined });
    }
    await Promise.all(this.slots.map((_, slot) => this.fill(slot)));
  }

  /** The URLs of servers that take viewers. */
  get urls(): string[] {
    return this.slots.flatMap(({ now }) => now?.server.url ?? []);
  }

  /** By the proxy in front of it; a stranger's as it is. */
  route(url: string): string {
    const found = this.all.find(({ server }) => server.url === url);
    return found === undefined ? url : `ws://127.0.0.1:${found.front.port}`;
  }

  running(slot: number): Running | undefined {
    return this.slots[slot]?.now;
  }

  /** Out of its slot: nobody is sent there any more by us. */
  take(slot: number): Running | undefined {
    const at = this.slots[slot];
    const running = at?.now;
    if (at !== undefined) at.now = undefined;
    return running;
  }

  async kill(running: Running): Promise<void> {
    running.killed = true;
    running.vitals.over();
    await running.server.child.kill9();
  }

  /**
   * A new process for an empty slot. While Redis is away a server does not start, so it is tried
   * again, as whoever supervises it would.
   */
  async fill(slot: number, id?: string): Promise<void> {
    const at = this.slots[slot];
    if (at === undefined || at.now !== undefined) return;
    const url = at.link === undefined ? this.#redisUrl : `redis://127.0.0.1:${at.link.port}`;
    const deadline = performance.now() + scaled(startLimitMs);
    for (;;) {
      const server = ChatServer.launch(url, { ...this.#flags, id }, {});
      try {
        await server.ready();
        at.now = await this.#adopt(server);
        return;
      } catch (error) {
        await server.child.kill9();
        const isRefusal = server.child.exit?.code === 1 && server.child.stderr.includes('--redis');
        if (!isRefusal || performance.now() > deadline) throw error;
        await delay(startAgainMs);
      }
    }
  }

  /** Nothing stands still any more. */
  calm(): void {
    for (const { link } of this.slots) link?.flow();
    for (const { front } of this.all) front.flow();
  }

  /** Everything ends, politely where it can; how it ended is for `vitals.ts` to judge. */
  async stop(): Promise<void> {
    await Promise.all(this.all.map(({ server }) => server.child.end().catch(() => {})));
    const proxies = [...this.all.map(({ front }) => front), ...this.slots.map(({ link }) => link)];
    await Promise.all(proxies.map((proxy) => proxy?.close()));
  }

  get description(): string {
    return toArguments(this.#flags).join(' ');
  }

  async #adopt(server: ChatServer): Promise<Running> {
    const front = await Proxy.start({ host: '127.0.0.1', port: server.port });
    const running = { server, front, vitals: new Vitals(server.child), killed: false };
    this.all.push(running);
    return running;
  }
}
