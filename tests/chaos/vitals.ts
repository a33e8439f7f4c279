// Whether a process stayed well: memory, descriptors, its end.
import type { Child } from '../integration/harness/child.ts';
import { openDescriptors, residentBytes } from '../integration/harness/process_size.ts';
import { binary } from '../integration/harness/binary.ts';

/** The address sanitizer keeps what was freed, and makes everything larger. */
const grownBytesMax = (binary.includes('asan') ? 300 : 48) * 1024 * 1024;
/** Those to Redis and its Sentinel: they may have been away when the process was new, and was looked at. */
const extraDescriptorsMax = 6;

export class Vitals {
  readonly #child: Child;
  readonly #startBytes: number;
  readonly #startDescriptors: number;
  #over = false;

  /** Of a process that has just come up and served nobody yet. */
  constructor(child: Child) {
    this.#child = child;
    this.#startBytes = residentBytes(child.pid);
    this.#startDescriptors = openDescriptors(child.pid);
  }

  over(): void {
    this.#over = true;
  }

  get isRunning(): boolean {
    return !this.#over && this.#child.exit === undefined;
  }

  /** It runs, or ended as it should, and so has taken its entries out of Redis. */
  get isCleanSoFar(): boolean {
    return this.#child.exit === undefined || this.#child.exit.code === 0;
  }

  /** REQUIRES that it runs, and that all its viewers have left. Asked until there is nothing. */
  leaks(): string | undefined {
    if (!this.isRunning) return undefined;
    const now = openDescriptors(this.#child.pid);
    if (now <= this.#startDescriptors + extraDescriptorsMax) return undefined;
    return `process ${this.#child.pid} has ${now} descriptors, at its start ${this.#startDescriptors}`;
  }

  growth(): string | undefined {
    if (!this.isRunning) return undefined;
    const grown = residentBytes(this.#child.pid) - this.#startBytes;
    if (grown <= grownBytesMax) return undefined;
    return `process ${this.#child.pid} grew by ${Math.round(grown / 1024 / 1024)} MiB`;
  }

  /** After it ended. */
  end(killed: boolean): string | undefined {
    try {
      this.#child.assertHealthy();
    } catch (error) {
      return String(error);
    }
    const { exit } = this.#child;
    if (killed && exit?.signal === 'SIGKILL') return undefined;
    // Redis away at that moment: it says so, and that is as good as it gets.
    const excused = exit?.code === 1 && this.#child.stderr.includes('Redis was away');
    if (exit?.code === 0 || excused) return undefined;
    return `ended with ${JSON.stringify(exit)}: ${this.#child.describe()}`;
  }
}
