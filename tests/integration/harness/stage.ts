// What one test starts. All of it is ended after the test, the last started first, and every
// server and viewer is asked whether it kept the rules.
import { test as base } from 'vitest';
import { Balancer } from './balancer.ts';
import type { Flags } from './binary.ts';
import type { ChildOptions } from './child.ts';
import { Follower, type FollowerOptions } from './follower.ts';
import { RedisServer, type RedisOptions } from './redis.ts';
import { ChatServer, type ServerOptions } from './server.ts';
import { Viewer, type ViewerOptions } from './viewer.ts';

type Ending = () => Promise<void> | void;

export class Stage {
  readonly #endings: Ending[] = [];
  readonly #descriptions: (() => string)[] = [];

  /** Something of the test's own that has to be ended. */
  onEnd(ending: Ending): void {
    this.#endings.push(ending);
  }

  /** Work that goes on beside the test and is awaited later, if the test gets that far. */
  beside<T>(work: Promise<T>): Promise<T> {
    work.catch(() => {});
    return work;
  }

  async redis(options: RedisOptions = {}): Promise<RedisServer> {
    const redis = await RedisServer.start(options);
    this.onEnd(() => redis.close());
    return redis;
  }

  async server(
    redis: RedisServer,
    flags: Flags = {},
    options: ServerOptions = {},
  ): Promise<ChatServer> {
    const server = this.launch(redis.url, flags, options);
    await server.ready();
    return server;
  }

  /** A server that is not waited for. */
  launch(redisUrl: string, flags: Flags = {}, options: ServerOptions = {}): ChatServer {
    const server = ChatServer.launch(redisUrl, flags, options);
    this.#descriptions.push(() => server.child.describe());
    this.onEnd(() => server.close());
    return server;
  }

  async viewer(server: ChatServer | string, options: ViewerOptions = {}): Promise<Viewer> {
    const viewer = await Viewer.open(typeof server === 'string' ? server : server.url, options);
    this.onEnd(() => {
      viewer.terminate();
      if (viewer.violations.length > 0) throw new Error(viewer.describe());
    });
    return viewer;
  }

  async viewers(count: number, server: ChatServer, options: ViewerOptions = {}): Promise<Viewer[]> {
    return Promise.all(Array.from({ length: count }, () => this.viewer(server, options)));
  }

  async follower(options: FollowerOptions): Promise<Follower> {
    const follower = await Follower.start(options);
    this.onEnd(() => {
      follower.stop();
      if (follower.violations.length > 0) throw new Error(follower.describe());
    });
    return follower;
  }

  async balancer(
    redis: RedisServer,
    flags: Flags = {},
    options: ChildOptions = {},
  ): Promise<Balancer> {
    return this.#balancer('balancer', { redis: redis.url, ...flags }, options);
  }

  async up(flags: Flags = {}, options: ChildOptions = {}): Promise<Balancer> {
    return this.#balancer('up', flags, options);
  }

  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const end of this.#endings.toReversed()) {
      try {
        await end();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('\n'));
  }

  describe(): string {
    return this.#descriptions.map((describe) => describe()).join('\n\n');
  }

  async #balancer(
    command: 'balancer' | 'up',
    flags: Flags,
    options: ChildOptions,
  ): Promise<Balancer> {
    const balancer = Balancer.launch(command, flags, options);
    this.#descriptions.push(() => balancer.child.describe());
    this.onEnd(() => balancer.close());
    await balancer.ready();
    return balancer;
  }
}

export const test = base.extend<{ stage: Stage }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the fixture's needs from it
  stage: async ({}, use) => {
    const stage = new Stage();
    await use(stage);
    await stage.close();
  },
});

test.afterEach(({ task, stage }) => {
  if (task.result?.state === 'fail') console.error(`--- ${task.name}\n${stage.describe()}`);
});
