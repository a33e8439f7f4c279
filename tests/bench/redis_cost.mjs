// What Redis spends on publishing a batch, by how many messages are in it and how many servers get
// it: where the numbers of src/balancer/plan_ceilings.h come from. The batches are of rooms in which
// several servers speak, which cost the most.
//
//   node tests/bench/redis_cost.mjs [BATCHES]      (default 8000 a row; some 30 s)
import { measurePublishCost } from './publish_cost.mjs';

const batches = Number(process.argv[2] ?? '8000');
const work = [1, 10, 100].flatMap((batch) =>
  [0, 1, 4, 16].map((servers) => ({ batch, alone: false, servers })),
);
console.log('messages in the batch, servers that get it: microseconds of Redis a batch');
for (const { batch, servers, us_per_batch: us } of await measurePublishCost({
  work,
  batches,
  passes: 1,
})) {
  console.log(`${batch}, ${servers}: ${us.toFixed(1)}`);
}
