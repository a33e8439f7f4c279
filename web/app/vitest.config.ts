import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** `./dev test` reads the totals from build/web_app.json. */
const report = fileURLToPath(new URL('../../build/web_app.json', import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  resolve: {
    alias: {
      '@spillway/client': fileURLToPath(new URL('../sdk/src/index.ts', import.meta.url)),
    },
  },
  test: {
    include: ['src/**/*.test.{ts,tsx}'],
    // Tests of components say `@vitest-environment jsdom`: it takes seconds to start.
    environment: 'node',
    // One test reads the style sheet; vitest would make it empty.
    css: true,
    reporters: ['default', ['json', { outputFile: report }]],
  },
});
