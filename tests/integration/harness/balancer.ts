// `spillway balancer` and `spillway up`: both serve HTTP and say where.
import { request } from 'undici';
import { binary, toArguments, type Flags } from './binary.ts';
import { Child, environment, type ChildOptions, type Exit } from './child.ts';

export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
  readonly json: unknown;
}

export interface Provisioned {
  readonly id: string;
  readonly url: string;
}

export async function fetchText(
  url: string,
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  // One connection a request: none may stay open and keep a server from stopping.
  const headers = { connection: 'close', ...options.headers };
  const method = options.method ?? 'GET';
  const {
    statusCode,
    headers: answered,
    body,
  } = await request(url, {
    method: method as 'GET',
    headers,
  });
  const text = await body.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: statusCode, headers: answered, text, json };
}

function isProvisioned(value: unknown): value is Provisioned {
  const candidate = value as Partial<Provisioned> | undefined;
  return typeof candidate?.id === 'string' && typeof candidate.url === 'string';
}

export class Balancer {
  readonly child: Child;
  #url = '';

  private constructor(child: Child) {
    this.child = child;
  }

  static launch(command: 'balancer' | 'up', flags: Flags, options: ChildOptions = {}): Balancer {
    const args = [command, ...toArguments({ port: 0, ...flags })];
    return new Balancer(new Child(binary, args, { env: environment(), ...options }));
  }

  async ready(): Promise<void> {
    const address = /https?:\/\/[^\s/]+/;
    await this.child.until(() => address.test(this.child.stdout));
    this.#url = address.exec(this.child.stdout)?.[0] ?? '';
  }

  /** http://… without a slash at the end. */
  get url(): string {
    return this.#url;
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return fetchText(`${this.#url}${path}`, { headers });
  }

  async call(method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return fetchText(`${this.#url}${path}`, { method, headers });
  }

  async provision(query = ''): Promise<Provisioned> {
    const answer = await this.get(`/servers/provision${query}`);
    if (answer.status !== 200 || !isProvisioned(answer.json)) {
      throw new Error(`no server: ${answer.status} ${answer.text}`);
    }
    return answer.json;
  }

  async stop(limitMs?: number): Promise<Exit> {
    this.child.signal('SIGTERM');
    return this.child.exited(limitMs);
  }

  async close(): Promise<void> {
    if (this.child.exit === undefined) await this.child.end();
    this.child.assertHealthy();
  }
}
