// One child process: its output, its end. Always ended through its own handle.
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { Changes } from './wait.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** A process group of its own, as a terminal gives to a command: for `interruptGroup`. */
  readonly ownGroup?: boolean;
}

const sanitizerReport =
  /ERROR: AddressSanitizer|runtime error:|LeakSanitizer|WARNING: ThreadSanitizer/;
const crashes = new Set<NodeJS.Signals | null>([
  'SIGSEGV',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
]);

export class Child {
  stdout = '';
  stderr = '';
  exit: Exit | undefined;
  readonly command: string;
  readonly #process: ChildProcess;
  readonly #changes = new Changes();

  constructor(command: string, args: readonly string[], options: ChildOptions = {}) {
    this.command = [command, ...args].join(' ');
    // A test run that is itself killed must leave nothing behind.
    this.#process = spawn('setpriv', ['--pdeathsig', 'KILL', '--', command, ...args], {
      env: options.env ?? environment(),
      cwd: options.cwd,
      detached: options.ownGroup ?? false,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#changes.changed();
    });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#changes.changed();
    });
    this.#process.stdin?.on('error', () => {}); // the child may end before it read everything
    this.#process.on('error', (error) => {
      this.stderr += `cannot start: ${error.message}\n`;
      this.#ended({ code: 127, signal: null });
    });
    // 'close' comes after the last output was read, 'exit' may come before.
    this.#process.on('close', (code, signal) => this.#ended({ code, signal }));
  }

  get pid(): number {
    const pid = this.#process.pid;
    if (pid === undefined) throw new Error(`${this.command} did not start: ${this.stderr}`);
    return pid;
  }

  get stdoutLines(): string[] {
    return this.stdout.split('\n').slice(0, -1);
  }

  /** Calls `heard` with each line of stdout, those that came already first. */
  onStdoutLine(heard: (line: string) => void): void {
    let told = 0;
    const tell = (): void => {
      for (; told < this.stdoutLines.length; told += 1) heard(this.stdoutLines[told] ?? '');
    };
    this.#process.stdout?.on('data', tell);
    tell();
  }

  get stderrLines(): string[] {
    return this.stderr.split('\n').slice(0, -1);
  }

  async until(condition: () => boolean, limitMs?: number): Promise<void> {
    const describe = (): string => `${condition}; ${this.describe()}`;
    await this.#changes.until(condition, describe, limitMs, () => this.exit !== undefined);
  }

  async exited(limitMs?: number): Promise<Exit> {
    await this.#changes.until(
      () => this.exit !== undefined,
      () => `the end of ${this.describe()}`,
      limitMs,
    );
    if (this.exit === undefined) throw new Error('unreachable: just waited for it');
    return this.exit;
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** What Ctrl-C in a terminal does: SIGINT to the command and to everything it started. */
  interruptGroup(): void {
    process.kill(-this.pid, 'SIGINT');
  }

  write(text: string): void {
    this.#process.stdin?.write(text);
  }

  endInput(): void {
    this.#process.stdin?.end();
  }

  async kill9(): Promise<void> {
    if (this.exit === undefined) this.#process.kill('SIGKILL');
    await this.exited();
  }

  /** Asks with SIGTERM, twice if need be, and says how it ended. */
  async end(): Promise<Exit> {
    const again = setTimeout(() => this.#process.kill('SIGTERM'), 300);
    if (this.exit === undefined) this.#process.kill('SIGTERM');
    try {
      return await this.exited(5000);
    } catch (error) {
      await this.kill9();
      throw error;
    } finally {
      clearTimeout(again);
    }
  }

  /** Throws when the process crashed or a sanitizer had something to say. */
  assertHealthy(): void {
    if (sanitizerReport.test(this.stderr) || crashes.has(this.exit?.signal ?? null)) {
      throw new Error(`crashed: ${this.describe()}`);
    }
  }

  describe(): string {
    const state = this.exit === undefined ? 'running' : `ended ${JSON.stringify(this.exit)}`;
    const tail = this.stderr.slice(-8000);
    return `${this.command} (${state})\nstdout: ${this.stdout.slice(-1000)}\nstderr: ${tail}`;
  }

  #ended(exit: Exit): void {
    this.exit ??= exit;
    this.#changes.changed();
  }
}

/** The tests' own environment without settings that would reach the program under test. */
export function environment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('SPILLWAY_'));
  return { ...Object.fromEntries(inherited), ...extra };
}

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  /** File name of its program. */
  readonly program: string;
  /** In clock ticks since boot: with the pid it names one process for good. */
  readonly started: string;
}

/** undefined: no such process (a zombie counts as gone). */
export function processInfo(pid: number): ProcessInfo | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // from field 3, the state, on
    if (fields[0] === 'Z') return undefined;
    const program = basename(readlinkSync(`/proc/${pid}/exe`));
    return { pid, parent: Number(fields[1]), program, started: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}
