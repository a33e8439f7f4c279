// One round: a plan carried out, and judged.
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { converge, judgeProcesses, judgeRedis } from './aftermath.ts';
import { EpochWatch } from './epoch_watch.ts';
import { Fan } from './fan.ts';
import { Fleet } from './fleet.ts';
import type { Guest } from './guest.ts';
import type { History, RoomEnd } from './history.ts';
import { judge, type Verdict } from './judge.ts';
import type { FanPlan, Plan } from './plan.ts';
import { Random } from './random.ts';
import { SdkFan } from './sdk_fan.ts';
import { SentinelStore } from './sentinel.ts';
import { SingleStore, type Store } from './store.ts';
import { startBalancer, Storm, type Scene } from './storm.ts';
import { eventually } from '../integration/harness/wait.ts';

const wanderMs = { min: 200, max: 1500 };
/** Longer than any round. */
const ampleWindowMs = 60_000;

export interface Outcome {
  readonly plan: Plan;
  readonly wrong: readonly string[];
  /** By name. */
  readonly faults: ReadonlyMap<string, number>;
  readonly verdict: Verdict | undefined;
  readonly sent: number;
  readonly tries: number;
  readonly seen: number;
  readonly connections: number;
  readonly wallMs: number;
  /** For who looks for the cause: what everybody was told, and what the servers said. */
  readonly evidence: () => object;
}

export async function playRound(plan: Plan): Promise<Outcome> {
  const start = performance.now();
  const store = plan.setup.sentinel
    ? await SentinelStore.start()
    : await SingleStore.start(plan.setup);
  const scene = sceneOf(plan, store);
  const storm = new Storm(scene);
  const wrong: string[] = [];
  let ends: RoomEnd[] = [];
  try {
    ends = await play(scene, storm, wrong);
  } catch (error) {
    wrong.push(String(error));
  } finally {
    await tearDown(scene, wrong);
  }
  const history = historyOf(scene, ends);
  const verdict = ends.length === 0 ? undefined : judge(history);
  wrong.push(...(verdict?.wrong ?? []));
  const lines = scene.fans.flatMap((fan) => fan.lines);
  return {
    plan,
    wrong,
    faults: storm.done,
    verdict,
    sent: lines.length,
    tries: lines.reduce((sum, line) => sum + line.tries.length, 0),
    seen: scene.fans.reduce((sum, { seen }) => sum + seen, 0),
    connections: scene.fans.reduce((sum, { connections }) => sum + connections, 0),
    wallMs: performance.now() - start,
    evidence: () => ({
      plan,
      wrong,
      history,
      servers: scene.fleet.all.map(({ server }) => server.child.describe()),
    }),
  };
}

function sceneOf(plan: Plan, store: Store): Scene {
  const fleet = new Fleet(plan.setup, store.url);
  const random = new Random(plan.seed);
  const watch = new EpochWatch(
    () => store.redis,
    plan.setup.rooms.map(({ name }) => name),
  );
  const scene: Scene = { plan, store, fleet, watch, fans: [], balancer: undefined };
  const pick = async (room: string): Promise<string | undefined> => {
    if (!plan.setup.balancer) return fleet.urls.length === 0 ? undefined : random.pick(fleet.urls);
    return (await scene.balancer?.provision(`?room=${encodeURIComponent(room)}`))?.url;
  };
  const route = (url: string): string => fleet.route(url);
  const fans = plan.setup.rooms.flatMap(({ name: room, fans: plans }) =>
    plans.map(({ name, batch, sdk }) => {
      const options = { name, room, batch, random: random.fork(), pick, route };
      return sdk ? new SdkFan(options) : new Fan(options);
    }),
  );
  return Object.assign(scene, { fans });
}

async function play(scene: Scene, storm: Storm, wrong: string[]): Promise<RoomEnd[]> {
  const { fleet, store, watch, fans, plan } = scene;
  watch.start();
  await fleet.start(store.target);
  if (plan.setup.balancer) {
    const balancer = await startBalancer(store);
    scene.balancer = balancer;
    await eventually(
      () => balancer.get('/servers/provision'),
      ({ status }) => status === 200,
    );
  }
  for (const fan of fans) fan.start();
  await Promise.all(fans.map((fan) => fan.until(() => fan.isSettled, 10_000)));
  const silence = new AbortController();
  setMaxListeners(0, silence.signal); // two for each viewer
  const plans = plan.setup.rooms.flatMap((room) => room.fans);
  const random = new Random(plan.seed);
  const rooms = plan.setup.rooms.map(({ name }) => name);
  const talks = fans.flatMap((fan, i) => [
    talk(fan, plans[i], random.fork(), silence.signal),
    wander(fan, plans[i], rooms, random.fork(), silence.signal),
  ]);
  try {
    await storm.rage();
  } finally {
    silence.abort();
    await Promise.all(talks);
  }
  const ends = await converge(scene);
  wrong.push(...(await judgeRedis(scene)));
  return ends;
}

/** Open loop: a line when it is due, whatever became of those before. */
async function talk(
  fan: Guest,
  plan: FanPlan | undefined,
  random: Random,
  silence: AbortSignal,
): Promise<void> {
  if (plan === undefined || plan.intervalMs === 0) return;
  for (let line = 1; !silence.aborted; line += 1) {
    await delay(plan.intervalMs * 2 * random.unit(), undefined, { signal: silence }).catch(
      () => {},
    );
    const text = `${fan.name}: line ${line} `.padEnd(plan.textBytes, '.');
    if (!silence.aborted) fan.say(`${fan.name}-${line}`, text);
  }
}

/** From room to room, as the last one was answered. */
async function wander(
  fan: Guest,
  plan: FanPlan | undefined,
  rooms: readonly string[],
  random: Random,
  silence: AbortSignal,
): Promise<void> {
  if (plan?.wanders !== true) return;
  while (!silence.aborted) {
    const pauseMs = random.between(wanderMs.min, wanderMs.max);
    await delay(pauseMs, undefined, { signal: silence }).catch(() => {});
    if (!silence.aborted) fan.move(random.pick(rooms));
  }
}

async function tearDown(scene: Scene, wrong: string[]): Promise<void> {
  const { fleet, store, watch, fans } = scene;
  fleet.calm();
  store.redis.thaw();
  await Promise.all(fans.map((fan) => fan.stop()));
  wrong.push(...(await judgeProcesses(scene)));
  await fleet.stop();
  for (const { vitals, killed, server } of fleet.all) {
    const end = vitals.end(killed);
    if (end !== undefined) wrong.push(`server ${server.id} ${end}`);
  }
  await scene.balancer?.close().catch((error: unknown) => wrong.push(String(error)));
  await watch.stop();
  await store.close();
}

function historyOf({ plan, store, watch, fans }: Scene, rooms: readonly RoomEnd[]): History {
  const { historyMessages, historyWindowMs } = plan.setup;
  return {
    viewings: fans.flatMap((fan) => fan.viewings()),
    epochs: watch.facts,
    losses: store.losses,
    redisStarts: store.starts,
    rooms,
    historyMessages,
    historyIsAmple: historyWindowMs >= ampleWindowMs,
  };
}
