// `spillway load` and what it says of a run.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary, toArguments, type Flags } from './binary.ts';
import { Child, environment, type ChildOptions, type Exit } from './child.ts';
import { scaled } from './wait.ts';

/** The members of its JSON that tests look at; docs/load.md has them all. */
export interface LoadResult {
  readonly viewers: number;
  readonly rooms: number;
  readonly duration_s: number;
  readonly connect_s: number;
  readonly sent: number;
  readonly acked: number;
  readonly refused: number;
  readonly deliveries: number;
  readonly deliveries_per_s: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly out_of_order: number;
  readonly gaps: number;
  readonly gap_messages: number;
  readonly slow_skipped: number;
  readonly connects: number;
  readonly reconnects: number;
  readonly redistributed: number;
  readonly moved: number;
  readonly left: number;
  readonly closed: number;
  readonly errors: number;
  readonly failures: number;
  readonly first_problem: string;
  readonly latency_ms: Readonly<Record<'p50' | 'p90' | 'p99' | 'p999' | 'max', number>>;
  readonly saturated: 'none' | 'server' | 'load';
  readonly interrupted: boolean;
  readonly seed: number;
  readonly command: string;
  readonly servers: Readonly<Record<string, number>>;
  readonly limit: {
    readonly sustained_messages_per_s: number;
    readonly steps: readonly {
      readonly held: boolean;
      readonly pace: number;
      readonly messages_per_s: number;
      readonly refused: number;
    }[];
  } | null;
}

export class Load {
  readonly child: Child;
  readonly directory = mkdtempSync(join(tmpdir(), 'spillway-load-'));

  /** Everybody at once and a short drain, unless the flags say otherwise. */
  constructor(flags: Flags, options: ChildOptions = {}) {
    const all = { stagger: '0', 'warm-up': '200ms', json: this.jsonFile, ...flags };
    const args = ['load', ...toArguments(all)];
    this.child = new Child(binary, args, { env: environment(), ...options });
  }

  get jsonFile(): string {
    return join(this.directory, 'load.json');
  }

  async ended(limitMs = scaled(30_000)): Promise<Exit> {
    return this.child.exited(limitMs);
  }

  /** Its JSON, after it ended as it should. */
  async result(exitCode = 0): Promise<LoadResult> {
    const exit = await this.ended();
    if (exit.code !== exitCode) throw new Error(this.child.describe());
    return JSON.parse(readFileSync(this.jsonFile, 'utf8')) as LoadResult;
  }

  async close(): Promise<void> {
    if (this.child.exit === undefined) await this.child.end();
    rmSync(this.directory, { recursive: true, force: true });
    this.child.assertHealthy();
  }
}
