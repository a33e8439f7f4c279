import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { scaled } from './harness/wait.ts';

/** `./dev test` reads the totals from build/<name>.json. */
export function configFor(name: string, include: string) {
  return defineConfig({
    root: fileURLToPath(new URL('.', import.meta.url)),
    test: {
      include: [include],
      testTimeout: scaled(60_000),
      hookTimeout: scaled(30_000),
      // Every file starts servers and Redis processes: more at once only makes each of them late.
      maxWorkers: 2,
      reporters: [
        'default',
        [
          'json',
          { outputFile: fileURLToPath(new URL(`../../build/${name}.json`, import.meta.url)) },
        ],
      ],
    },
  });
}
