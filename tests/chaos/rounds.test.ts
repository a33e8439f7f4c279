// Rounds of chaos: `./dev chaos`, and a few of them in `./dev test`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { binary, repository } from '../integration/harness/binary.ts';
import { scaled } from '../integration/harness/wait.ts';
import { settings } from './settings.ts';
import { planOf } from './plan.ts';
import { addUp, describeRound, describeTotals, noTotals } from './report.ts';
import { playRound, type Outcome } from './round.ts';

const roundLimitMs = 90_000; // ten times what one takes: a hang ends, a slow machine does not fail
const listedMax = 20;
let totals = noTotals();

for (const [index, seed] of settings.seeds.entries()) {
  // As many at once as vitest.config.ts says: a round mostly waits.
  test.concurrent(
    `round ${index + 1} of ${settings.seeds.length}, seed ${seed}`,
    { timeout: scaled(roundLimitMs) },
    async () => {
      const outcome = await playRound(planOf(seed, settings));
      totals = addUp(totals, outcome);
      console.log(describeRound(index + 1, outcome));
      if (outcome.wrong.length > 0) fail(seed, outcome);
      expect(outcome.sent).toBeGreaterThan(0);
    },
  );
}

afterAll(() => console.log(describeTotals(totals)));

/** With the one command that does it again, first, since summaries show only the first line. */
function fail(seed: number, outcome: Outcome): never {
  const folder = join(repository, 'build/chaos');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${seed}.json`);
  writeFileSync(file, JSON.stringify(outcome.evidence(), null, 1));
  const sentinel = settings.sentinel ? ' --sentinel' : '';
  throw new Error(
    [
      `seed ${seed}: again with SPILLWAY_BIN=${binary} ./dev chaos --rounds 1 --seed ${seed}${sentinel}`,
      `${outcome.wrong.length} wrong; who was told what: ${file}`,
      ...outcome.wrong.slice(0, listedMax),
    ].join('\n'),
  );
}
