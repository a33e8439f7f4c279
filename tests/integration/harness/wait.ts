// Waiting without sleeping: a condition is looked at again when something happened.
import { setTimeout as delay } from 'node:timers/promises';

/** How much slower than a release build on an idle machine this run may be (sanitizers: 4 or so). */
export const slowness = Number(process.env['SPILLWAY_TEST_SLOWNESS'] ?? '1');

/** A time limit of a test, stretched for slow builds. Never use it for what the server itself promises to wait. */
export function scaled(ms: number): number {
  return ms * slowness;
}

const defaultLimitMs = 10_000;

/** Who waits for conditions on some state; whoever changes that state calls `changed`. */
export class Changes {
  readonly #looks = new Set<() => void>();

  changed(): void {
    for (const look of this.#looks) look();
  }

  /**
   * Resolves once `condition` holds. Rejects with `describe` (what was waited for, and the state)
   * after the limit, or when `hopeless` holds instead.
   */
  async until(
    condition: () => boolean,
    describe: () => string,
    limitMs = defaultLimitMs,
    hopeless: () => boolean = () => false,
  ): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const end = (failure?: string): void => {
        clearTimeout(timer);
        this.#looks.delete(look);
        if (failure === undefined) resolve();
        else reject(new Error(`${failure} ${describe()}`));
      };
      const look = (): void => {
        if (condition()) end();
        else if (hopeless()) end('will never come:');
      };
      const late = (): void => end(`not within ${scaled(limitMs)} ms:`);
      const timer = setTimeout(late, scaled(limitMs));
      this.#looks.add(look);
      look();
    });
  }
}

/**
 * For state that tells nobody when it changes (keys in Redis, an HTTP answer, /proc): asks again
 * until the answer passes `accept`, and returns it.
 */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  accept: (answer: T) => boolean,
  limitMs = defaultLimitMs,
): Promise<T> {
  const deadline = performance.now() + scaled(limitMs);
  for (;;) {
    const answer = await ask();
    if (accept(answer)) return answer;
    if (performance.now() > deadline) {
      throw new Error(
        `not within ${scaled(limitMs)} ms: ${accept}; the last answer was ${JSON.stringify(answer)}`,
      );
    }
    await delay(20);
  }
}

/** Rejects when `work` takes longer than the limit. */
export async function within<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const late = async (): Promise<never> => {
    await delay(scaled(limitMs), undefined, { signal: stop.signal });
    throw new Error(`${what}: not within ${scaled(limitMs)} ms`);
  };
  try {
    return await Promise.race([work, late()]);
  } finally {
    stop.abort();
  }
}
