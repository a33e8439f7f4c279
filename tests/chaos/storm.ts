// Does what the plan says, when it says so.
import { setTimeout as delay } from 'node:timers/promises';
import { Balancer } from '../integration/harness/balancer.ts';
import type { RedisClient } from '../integration/harness/redis.ts';
import { scaled } from '../integration/harness/wait.ts';
import type { EpochWatch } from './epoch_watch.ts';
import { nameOf, type Fault } from './fault.ts';
import type { Fleet } from './fleet.ts';
import type { Guest } from './guest.ts';
import type { Plan } from './plan.ts';
import { Random } from './random.ts';
import type { Store } from './store.ts';

export interface Scene {
  readonly plan: Plan;
  readonly store: Store;
  readonly fleet: Fleet;
  readonly watch: EpochWatch;
  readonly fans: readonly Guest[];
  balancer: Balancer | undefined;
}

/** Again and again while Redis is away, as whoever supervises it would. */
export async function startBalancer(store: Store): Promise<Balancer> {
  // The least it takes, so that a round can see what becomes of a server that died in it.
  const flags = { 'servers-min': 0, 'silent-after': '1500ms', 'dead-after': '2500ms' };
  const deadline = performance.now() + scaled(startLimitMs);
  for (;;) {
    const balancer = Balancer.launch('balancer', { redis: store.url, ...flags });
    try {
      await balancer.ready();
      return balancer;
    } catch (error) {
      await balancer.child.kill9();
      const isRefusal = balancer.child.exit?.code === 1;
      if (!isRefusal || performance.now() > deadline) throw error;
      await delay(startAgainMs);
    }
  }
}

const startLimitMs = 10_000;
const startAgainMs = 100;
const evictionLimitMs = 1000;

type Of<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>;

export class Storm {
  /** By name, those that hit something. */
  readonly done = new Map<string, number>();
  readonly #scene: Scene;
  readonly #random: Random;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#random = new Random(scene.plan.seed);
  }

  /** Resolves when the last fault is over and every slot has its server. */
  async rage(): Promise<void> {
    const start = performance.now();
    const { faults, stormMs } = this.#scene.plan;
    const all = faults.map(async ({ atMs, fault }) => {
      await delay(Math.max(0, atMs - (performance.now() - start)));
      if (await this.#perform(fault)) {
        this.done.set(nameOf(fault), (this.done.get(nameOf(fault)) ?? 0) + 1);
      }
    });
    await Promise.all([...all, delay(stormMs)]);
    this.#scene.fleet.calm();
    await Promise.all(this.#scene.fleet.slots.map((_, slot) => this.#scene.fleet.fill(slot)));
  }

  /** false: it found nothing to hit, such as a server that is down already. */
  async #perform(fault: Fault): Promise<boolean> {
    const { store, watch } = this.#scene;
    switch (fault.kind) {
      case 'server-kill':
      case 'server-term':
      case 'server-drain':
      case 'server-freeze':
        return this.#server(fault);
      case 'redistribute':
        return this.#redistribute(fault);
      case 'redis-restart':
        await store.restart(fault.data, fault.downMs, () => watch.look());
        return true;
      case 'failover':
        await store.failOver(fault.lagMs, () => watch.look());
        return true;
      case 'redis-freeze':
        store.redis.freeze();
        await delay(fault.forMs);
        store.redis.thaw();
        return true;
      case 'redis-pause':
      case 'redis-kick':
      case 'redis-forget-scripts':
      case 'room-evicted':
        return watch.client !== undefined && this.#order(watch.client, fault);
      case 'viewer-reset':
      case 'viewer-stall':
      case 'viewer-trickle':
      case 'link-reset':
      case 'link-stall':
      case 'link-trickle':
        return this.#proxy(fault);
      case 'fan-hop':
      case 'fan-sleep':
        return this.#fan(fault);
      case 'balancer-kill':
        return this.#balancer(fault);
    }
  }

  async #server(
    fault: Of<'server-kill' | 'server-term' | 'server-drain' | 'server-freeze'>,
  ): Promise<boolean> {
    const { fleet, watch } = this.#scene;
    const running = fleet.running(fault.slot);
    if (running === undefined) return false;
    const { server } = running;
    if (fault.kind === 'server-freeze') {
      server.child.signal('SIGSTOP');
      await delay(fault.forMs);
      server.child.signal('SIGCONT');
      return true;
    }
    if (fault.kind === 'server-drain') {
      const { client } = watch;
      if (client === undefined) return false;
      void client.publish(server.id, '{"type":"drain"}').catch(() => {});
    }
    fleet.take(fault.slot);
    if (fault.kind === 'server-kill') await fleet.kill(running);
    if (fault.kind === 'server-term') server.child.signal('SIGTERM');
    await delay(fault.downMs);
    await fleet.fill(
      fault.slot,
      fault.kind === 'server-kill' && fault.sameId ? server.id : undefined,
    );
    return true;
  }

  #redistribute({ slot, n, to }: Of<'redistribute'>): boolean {
    const { fleet, watch } = this.#scene;
    const [from, target] = [fleet.running(slot), to === undefined ? undefined : fleet.running(to)];
    if (from === undefined || watch.client === undefined) return false;
    const targets = target === undefined ? [] : [{ url: target.server.url, n }];
    const order = JSON.stringify({ type: 'redistribute', n, targets });
    void watch.client.publish(from.server.id, order).catch(() => {});
    return true;
  }

  async #order(
    client: RedisClient,
    fault: Of<'redis-pause' | 'redis-kick' | 'redis-forget-scripts' | 'room-evicted'>,
  ): Promise<boolean> {
    try {
      switch (fault.kind) {
        case 'redis-pause':
          await client.sendCommand(['CLIENT', 'PAUSE', String(fault.forMs), fault.mode]);
          await delay(fault.forMs);
          return true;
        case 'redis-kick':
          return await kick(client, fault.who);
        case 'redis-forget-scripts':
          await client.sendCommand(['SCRIPT', 'FLUSH', 'SYNC']);
          return true;
        case 'room-evicted':
          return await this.#evict(client, fault);
      }
    } catch {
      return false; // Redis went away meanwhile
    }
  }

  async #evict(client: RedisClient, { room: index, log }: Of<'room-evicted'>): Promise<boolean> {
    const { plan, store, watch } = this.#scene;
    const room = plan.setup.rooms[index]?.name;
    if (room === undefined) return false;
    await watch.look();
    const key = `room:{${room}}`;
    try {
      await client.del(log ? [`${key}:meta`, `${key}:log`] : [`${key}:meta`]);
      store.losses.push({ room, at: Date.now() });
      return true;
    } catch (error) {
      store.losses.push({ room, at: Date.now() + evictionLimitMs }); // it may yet be obeyed
      throw error;
    }
  }

  async #proxy(
    fault: Of<
      | 'viewer-reset'
      | 'viewer-stall'
      | 'viewer-trickle'
      | 'link-reset'
      | 'link-stall'
      | 'link-trickle'
    >,
  ): Promise<boolean> {
    const { fleet } = this.#scene;
    const isFront = fault.kind.startsWith('viewer-');
    const proxy = isFront ? fleet.running(fault.slot)?.front : fleet.slots[fault.slot]?.link;
    if (proxy === undefined) return false;
    switch (fault.kind) {
      case 'viewer-reset':
      case 'link-reset':
        proxy.reset();
        return true;
      case 'viewer-stall':
      case 'link-stall':
        proxy.stall(fault.side);
        break;
      case 'viewer-trickle':
      case 'link-trickle':
        proxy.trickle();
        break;
    }
    await delay(fault.forMs);
    proxy.flow();
    return true;
  }

  async #fan(fault: Of<'fan-hop' | 'fan-sleep'>): Promise<boolean> {
    const { fans } = this.#scene;
    if (fault.kind === 'fan-sleep') {
      await fans[fault.fan]?.sleep(fault.forMs);
      return true;
    }
    for (let i = 0; i < fault.fans; i += 1) this.#random.pick(fans).hop();
    return true;
  }

  async #balancer({ downMs }: Of<'balancer-kill'>): Promise<boolean> {
    const { balancer } = this.#scene;
    if (balancer === undefined) return false;
    this.#scene.balancer = undefined;
    await balancer.child.kill9();
    await delay(downMs);
    this.#scene.balancer = await startBalancer(this.#scene.store);
    return true;
  }
}

const sorts = {
  all: /^spillway-/,
  commands: /^spillway-[0-9a-f]{8}-/,
  reader: /^spillway-reader-/,
  subscriber: /^spillway-subscriber-/,
};

/** By the names that they give themselves; the suite's own connections have none. */
async function kick(client: RedisClient, who: keyof typeof sorts): Promise<boolean> {
  const list = String(await client.sendCommand(['CLIENT', 'LIST']));
  const ids = list.split('\n').flatMap((line) => {
    const [, id] = /^id=(\d+)/.exec(line) ?? [];
    const [, name] = / name=(\S*)/.exec(line) ?? [];
    return id !== undefined && sorts[who].test(name ?? '') ? [id] : [];
  });
  for (const id of ids) await client.sendCommand(['CLIENT', 'KILL', 'ID', id]);
  return ids.length > 0;
}
