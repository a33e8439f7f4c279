import { mergeConfig } from 'vitest/config';
import { configFor } from '../integration/vitest.shared.ts';

// What a round prints is its report, not a test's chatter.
export default mergeConfig(configFor('chaos', '*.test.ts', new URL('.', import.meta.url)), {
  // Of the rounds, which are tests of one file.
  test: { disableConsoleIntercept: true, maxConcurrency: 2 },
});
