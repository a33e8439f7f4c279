import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** `./dev test` reads the totals from build/web_client.json. */
const report = fileURLToPath(new URL('../../build/web_client.json', import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  test: {
    include: ['src/**/*.test.ts'],
    reporters: ['default', ['json', { outputFile: report }]],
  },
});
