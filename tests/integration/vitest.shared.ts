import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { scaled } from './harness/wait.ts';

/** `./dev test` reads the totals from build/<name>.json. `folder`: where the tests are. */
export function configFor(name: string, include: string, folder = new URL('.', import.meta.url)) {
  return defineConfig({
    root: fileURLToPath(folder),
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
