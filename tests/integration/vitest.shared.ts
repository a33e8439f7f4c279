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
      // Every file starts servers and Redis processes, and then mostly waits: with two files at a time
      // two cores were idle for more than half of the run; many more would make all of them late.
      maxWorkers: 3,
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
