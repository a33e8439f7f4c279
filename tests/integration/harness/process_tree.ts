// Who a process started, and whether they are gone: from /proc.
import { readdirSync } from 'node:fs';
import { processInfo, type ProcessInfo } from './child.ts';

/** All living children of `pid`, their children too. */
export function descendants(pid: number): ProcessInfo[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processInfo(Number(name)) ?? []);
  const found: ProcessInfo[] = [];
  const parents = new Set([pid]);
  for (let before = -1; before !== found.length;) {
    before = found.length;
    for (const candidate of all) {
      if (parents.has(candidate.pid) || !parents.has(candidate.parent)) continue;
      parents.add(candidate.pid);
      found.push(candidate);
    }
  }
  return found;
}

export function stillAlive(processes: readonly ProcessInfo[]): ProcessInfo[] {
  return processes.filter(({ pid, started }) => processInfo(pid)?.started === started);
}
