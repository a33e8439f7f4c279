// One `spillway server` process.
import { join } from 'node:path';
import { binary, toArguments, type Flags } from './binary.ts';
import { Child, environment, type Exit } from './child.ts';

export interface ServerOptions {
  /** Descriptor limit to start under, as `ulimit -n`. */
  readonly descriptors?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** The number of a system call that is refused to it. */
  readonly withoutCall?: number;
}

const listening = /^listening (\S+) id=(\S+)$/;

export class ChatServer {
  readonly child: Child;
  #url = '';
  #id = '';

  private constructor(child: Child) {
    this.child = child;
  }

  /** Any port, no rate limit, the writer under test, unless the flags say otherwise. Resolves once it listens. */
  static async start(redisUrl: string, flags: Flags, options: ServerOptions): Promise<ChatServer> {
    const server = ChatServer.launch(redisUrl, flags, options);
    await server.ready();
    return server;
  }

  /** Starts the process and does not wait for anything: for starts that are meant to fail. */
  static launch(redisUrl: string, flags: Flags, options: ServerOptions): ChatServer {
    const io = process.env['SPILLWAY_TEST_IO'] ?? 'auto';
    const all = { port: 0, redis: redisUrl, 'rate-limit': 'off', io, ...flags };
    const args = ['server', ...toArguments(all)];
    const env = environment(options.env);
    if (options.withoutCall !== undefined) {
      const script = join(import.meta.dirname, 'without_call.py');
      const command = [script, String(options.withoutCall), binary, ...args];
      return new ChatServer(new Child('python3', command, { env }));
    }
    if (options.descriptors === undefined) return new ChatServer(new Child(binary, args, { env }));
    const script = `ulimit -n ${options.descriptors}; exec "$0" "$@"`;
    return new ChatServer(new Child('sh', ['-c', script, binary, ...args], { env }));
  }

  async ready(): Promise<void> {
    await this.child.until(() => this.child.stdoutLines.length > 0);
    const [, url, id] = listening.exec(this.child.stdoutLines[0] ?? '') ?? [];
    if (url === undefined || id === undefined) throw new Error(`no url: ${this.child.describe()}`);
    this.#url = url;
    this.#id = id;
  }

  /** ws://… */
  get url(): string {
    return this.#url;
  }

  get httpUrl(): string {
    return this.#url.replace(/^ws/, 'http').replace(/\/$/, '');
  }

  get port(): number {
    return Number(new URL(this.httpUrl).port);
  }

  get id(): string {
    return this.#id;
  }

  async stop(limitMs = 30_000): Promise<Exit> {
    this.child.signal('SIGTERM');
    return this.child.exited(limitMs);
  }

  async close(): Promise<void> {
    if (this.child.exit === undefined) await this.child.end();
    this.child.assertHealthy();
  }
}
