import { configFor } from './vitest.shared.ts';

export default configFor('integration', '*.test.ts');
