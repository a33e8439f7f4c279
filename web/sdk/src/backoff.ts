// When to come back, and whether.

const delayMsMin = 250;
const delayMsMax = 30_000;

/**
 * Full jitter, between zero and a bound that doubles with each attempt that failed: the viewers of
 * a server that was stopped must not come back in the same instant. `random` is in [0, 1).
 */
export function retryDelayMs(failedAttempts: number, random: () => number): number {
  return random() * Math.min(delayMsMax, delayMsMin * 2 ** failedAttempts);
}

/** The range carries the meaning, so that a code of a later release is obeyed as well. */
export function comesBack(closeCode: number): boolean {
  return closeCode < 4500 || closeCode > 4999;
}
