// What a process holds, as the kernel counts it.
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { binary } from './binary.ts';
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

function statusMiB(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1];
  if (kib === undefined) throw new Error(`no ${field} of ${pid}: ${status}`);
  return Number(kib) / 1024;
}

export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Resident memory of a server from `new` on. REQUIRES that it runs with `watchedEnvironment`. */
export class MemoryWatch {
  readonly #pid: number;
  readonly #startMiB: number;

  constructor(server: ChatServer) {
    this.#pid = server.child.pid;
    this.#startMiB = statusMiB(this.#pid, 'VmRSS');
  }

  /** Neither now nor at any time was more than `marginMiB` added. */
  expectFlat(marginMiB: number): void {
    const grownMiB = statusMiB(this.#pid, 'VmHWM') - this.#startMiB;
    expect(grownMiB, `MiB of growth at the peak`).toBeLessThan(marginMiB * marginFactor);
  }
}
