import { configFor } from '../integration/vitest.shared.ts';

export default configFor('conformance', '*.test.ts', new URL('.', import.meta.url));
