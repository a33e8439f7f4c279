import { configFor } from './vitest.shared.ts';

// What waits for periods that the protocol fixes and no flag shortens.
export default configFor('integration-slow', 'slow/*.test.ts');
