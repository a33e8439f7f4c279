import { mergeConfig } from 'vitest/config';
import { configFor } from '../integration/vitest.shared.ts';

const folder = new URL('.', import.meta.url);

// A browser is several busy processes by itself.
export default mergeConfig(configFor('browser', '*.test.ts', folder), { test: { maxWorkers: 2 } });
