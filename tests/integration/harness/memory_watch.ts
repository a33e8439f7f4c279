// Whether a server's memory stays flat while somebody tries to make it grow.
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { binary } from './binary.ts';
import { residentBytes } from './process_size.ts';
import type { ChatServer } from './server.ts';

const isAddressSanitized = binary.includes('asan');

/**
 * The environment of a server whose memory is watched. The address sanitizer keeps what was freed,
 * 256 MiB of it, to see who still uses it: with 1 MiB, memory that is not given back still shows.
 */
export const watchedEnvironment: NodeJS.ProcessEnv = isAddressSanitized
  ? { ASAN_OPTIONS: `${process.env['ASAN_OPTIONS'] ?? ''}:quarantine_size_mb=1` }
  : {};

/** Its redzones and its shadow make every allocation larger than it is in a release build. */
const marginFactor = isAddressSanitized ? 4 : 1;

const bytesInMiB = 1024 * 1024;

/** The most that was ever resident. */
function peakBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error(`process ${pid} has no VmHWM: it has ended`);
  return Number(kib) * 1024;
}

/** Of a server, or a balancer, from `new` on. REQUIRES that it runs with `watchedEnvironment`. */
export class MemoryWatch {
  readonly #pid: number;
  readonly #startBytes: number;

  constructor(server: Pick<ChatServer, 'child'>) {
    this.#pid = server.child.pid;
    this.#startBytes = residentBytes(this.#pid);
  }

  /** At no time was more than `marginMiB` added: what was freed again in between shows as well. */
  expectFlat(marginMiB: number): void {
    const grownMiB = (peakBytes(this.#pid) - this.#startBytes) / bytesInMiB;
    expect(grownMiB, 'MiB of growth at the peak').toBeLessThan(marginMiB * marginFactor);
  }
}
