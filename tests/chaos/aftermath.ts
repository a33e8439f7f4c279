// After the storm: everybody has to find together again, Redis has to be clean, processes sound.
import { eventually, scaled } from '../integration/harness/wait.ts';
import type { RedisClient } from '../integration/harness/redis.ts';
import type { Guest } from './guest.ts';
import type { RoomEnd } from './history.ts';
import type { Scene } from './storm.ts';

const convergeLimitMs = 20_000;
/** The counts' promise. */
const countsLimitMs = 10_000;
const leakLimitMs = 5000;

/** Every line is acknowledged, and every viewer is where Redis is. Throws with who is not. */
export async function converge(scene: Scene): Promise<RoomEnd[]> {
  const { fans, plan } = scene;
  const start = performance.now();
  // The SDK backs off for up to 30 s, and what it does not try cannot succeed.
  const limitMs = scaled(convergeLimitMs) + Math.max(...fans.map(({ waitsMs }) => waitsMs));
  const left = (): number => Math.max(1, (limitMs - (performance.now() - start)) / scaled(1));
  await Promise.all(fans.map((fan) => fan.until(() => fan.unanswered === 0, left())));
  // One more line a room: what is behind a silent hole shows itself.
  const speakers = plan.setup.rooms.map(({ name }) => fans.find(({ room }) => room === name));
  for (const speaker of speakers) speaker?.say(`${speaker.name}-last`, 'the last');
  await Promise.all(speakers.map((fan) => fan?.until(() => fan.unanswered === 0, left())));
  return eventually(
    () => endsOf(scene),
    (ends) => stragglers(fans, ends).length === 0,
    left(),
  ).catch(async (error: unknown) => {
    const late = stragglers(fans, await endsOf(scene)).map((fan) => fan.describe());
    throw new Error(late.join('\n'), { cause: error });
  });
}

async function endsOf({ plan, watch }: Scene): Promise<RoomEnd[]> {
  return Promise.all(
    plan.setup.rooms.map(async ({ name }) =>
      watch.end(name).catch(() => ({ room: name, epoch: '', seq: -1, log: [] })),
    ),
  );
}

function stragglers(fans: readonly Guest[], ends: readonly RoomEnd[]): Guest[] {
  return fans.filter((fan) => {
    const end = ends.find(({ room }) => room === fan.room);
    return fan.position?.epoch !== end?.epoch || fan.position?.seq !== end?.seq;
  });
}

const hasNoTtl = /^(servers:|chat-rooms:|server:[0-9a-f-]{36}$)/;

/** What is wrong in Redis while the viewers are still there. */
export async function judgeRedis(scene: Scene): Promise<string[]> {
  const { client } = scene.watch;
  if (client === undefined) return ['Redis is away after the storm'];
  const wrong: string[] = [];
  for (const key of await client.keys('*')) {
    if ((await client.ttl(key)) === -1 && !hasNoTtl.test(key)) wrong.push(`no TTL on ${key}`);
  }
  const listed = await settled(() => strangers(scene, client));
  if (listed !== '') wrong.push(listed);
  const counts = isCleared(scene) ? await settled(() => miscounts(scene, client)) : '';
  if (counts !== '') wrong.push(counts);
  return wrong;
}

/** After who was killed, or could not reach Redis at its end, nobody but the balancer clears up. */
function isCleared({ balancer, fleet }: Scene): boolean {
  return balancer !== undefined || fleet.all.every(({ vitals }) => vitals.isCleanSoFar);
}

async function settled(look: () => Promise<string>): Promise<string> {
  let last = '';
  const ask = async (): Promise<string> => (last = await look());
  await eventually(ask, (found) => found === '', countsLimitMs).catch(() => {});
  return last;
}

async function strangers(scene: Scene, client: RedisClient): Promise<string> {
  const { all } = scene.fleet;
  const mayBeThere = isCleared(scene) ? all.filter(({ vitals }) => vitals.isRunning) : all;
  const ids = new Set(mayBeThere.map(({ server }) => server.id));
  const keys = (await client.keys('server:*')).map((key) => key.slice('server:'.length));
  const members = await Promise.all(
    ['clients', 'cumulative-socket-writes', 'event-loop', 'fanout'].map((name) =>
      client.zRange(`servers:${name}`, 0, -1),
    ),
  );
  const dead = [...new Set([...keys, ...members.flat()])].filter((id) => !ids.has(id));
  return dead.length === 0 ? '' : `entries of servers that are no more: ${dead.join(', ')}`;
}

async function miscounts(scene: Scene, client: RedisClient): Promise<string> {
  const counted = await client.zRangeWithScores('chat-rooms:clients', 0, -1);
  const wrong = scene.plan.setup.rooms.flatMap(({ name }) => {
    const score = counted.find(({ value }) => value === name)?.score;
    const viewers = scene.fans.filter(({ room }) => room === name).length;
    return score === viewers ? [] : [`${name} has ${viewers} viewers, counted ${score}`];
  });
  return wrong.join('; ');
}

/** Once all viewers have left. */
export async function judgeProcesses({ fleet }: Scene): Promise<string[]> {
  const look = (): string[] => fleet.all.flatMap(({ vitals }) => vitals.leaks() ?? []);
  let leaks = look();
  await eventually(
    () => (leaks = look()),
    (found) => found.length === 0,
    leakLimitMs,
  ).catch(() => {});
  return [...leaks, ...fleet.all.flatMap(({ vitals }) => vitals.growth() ?? [])];
}
