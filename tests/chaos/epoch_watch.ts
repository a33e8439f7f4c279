// Reads the rooms' meta in Redis again and again, so that it is known how the epochs followed each
// other: of each only its predecessor is kept there, so one that is missed is a gap in what the
// judge knows.
import { setTimeout as delay } from 'node:timers/promises';
import { logEntries, type RedisClient, type RedisServer } from '../integration/harness/redis.ts';
import type { EpochFact, Logged, RoomEnd } from './history.ts';

const periodMs = 40;
const lookLimitMs = 300;

export class EpochWatch {
  readonly #redis: () => RedisServer;
  readonly #rooms: readonly string[];
  readonly #facts = new Map<string, EpochFact>();
  #client: RedisClient | undefined;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(redis: () => RedisServer, rooms: readonly string[]) {
    this.#redis = redis;
    this.#rooms = rooms;
  }

  start(): void {
    this.#running = this.#run();
  }

  get facts(): readonly EpochFact[] {
    return [...this.#facts.values()];
  }

  /** undefined: Redis is away. For orders, too. */
  get client(): RedisClient | undefined {
    return this.#client?.isReady ? this.#client : undefined;
  }

  /** Before Redis is killed: what it knows now may be gone. Does not wait for one that hangs. */
  async look(): Promise<void> {
    const client = this.client;
    if (client === undefined) return;
    await Promise.race([
      Promise.all(this.#rooms.map((room) => this.#read(client, room))).catch(() => {}),
      delay(lookLimitMs),
    ]);
  }

  /** As the round ends. Throws when Redis is away. */
  async end(room: string): Promise<RoomEnd> {
    const client = this.client;
    if (client === undefined) throw new Error('Redis is away');
    const { epoch, seq } = await this.#read(client, room);
    return { room, epoch, seq, log: await readLog(client, room) };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#client?.destroy();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      if (this.client === undefined) await this.#connect();
      await this.look();
      await delay(periodMs);
    }
  }

  async #connect(): Promise<void> {
    try {
      this.#client = await this.#redis().client();
    } catch {
      this.#client = undefined; // it is down at the moment
    }
  }

  async #read(client: RedisClient, room: string): Promise<{ epoch: string; seq: number }> {
    const fields = ['epoch', 'seq', 'prev_epoch', 'prev_seq'];
    const [epoch, seq, prevEpoch, prevSeq] = await client.hmGet(`room:{${room}}:meta`, fields);
    if (typeof epoch === 'string' && !this.#facts.has(`${room}/${epoch}`)) {
      const before = { prevEpoch: prevEpoch ?? '', prevSeq: Number(prevSeq ?? 0) };
      this.#facts.set(`${room}/${epoch}`, { room, epoch, ...before });
    }
    return { epoch: epoch ?? '', seq: Number(seq ?? 0) };
  }
}

async function readLog(client: RedisClient, room: string): Promise<Logged[]> {
  const entries = await logEntries(client, `room:{${room}}:log`);
  return entries.flatMap(({ id, batch }) => {
    const first = Number(id.split('-')[0]);
    const lines = batch.toString().split('\n').slice(1);
    return lines.map((line, index) => ({ seq: first + index, line }));
  });
}
