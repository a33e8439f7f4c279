// A balancer for the tests of its HTTP interface, and its two kinds of answers.
import type { Answer, Balancer, Provisioned } from './balancer.ts';
import type { Flags } from './binary.ts';
import { fleetOf } from './fleet.ts';
import { isRecord } from './messages.ts';
import type { RedisServer } from './redis.ts';
import type { ChatServer } from './server.ts';
import type { Stage } from './stage.ts';
import { eventually } from './wait.ts';

/** A balancer that starts no server by itself, once it has read Redis. */
export async function startBalancer(
  stage: Stage,
  flags: Flags = {},
): Promise<{ redis: RedisServer; balancer: Balancer }> {
  const redis = await stage.redis();
  const balancer = await stage.balancer(redis, { 'servers-min': 0, 'server-port': 0, ...flags });
  await eventually(
    () => balancer.get('/servers/provision'),
    ({ status }) => status !== 503,
  );
  return { redis, balancer };
}

/** Until the balancer gives so many servers to viewers. */
export async function untilServers(balancer: Balancer, servers: number): Promise<void> {
  await eventually(
    async () => (await fleetOf(balancer))?.servers.map(({ status }) => status),
    (statusOfEach) => statusOfEach?.filter((status) => status === 'up').length === servers,
  );
}

/** With servers that it did not start. */
export async function startFleet(
  stage: Stage,
  servers: number,
  flags: Flags = {},
  serverFlags: Flags = {},
): Promise<{ redis: RedisServer; balancer: Balancer; servers: readonly ChatServer[] }> {
  const { redis, balancer } = await startBalancer(stage, flags);
  const fleet = await Promise.all(
    Array.from({ length: servers }, () => stage.server(redis, serverFlags)),
  );
  await untilServers(balancer, servers);
  return { redis, balancer, servers: fleet };
}

/** The sentence of an answer that is an error, and nothing else. */
export function errorOf(answer: Answer): string {
  const { json } = answer;
  if (!isRecord(json) || Object.keys(json).join() !== 'error' || typeof json['error'] !== 'string')
    throw new Error(`no error: ${answer.status} ${answer.text}`);
  return json['error'];
}

export function provisioned({ status, json, text }: Answer): Provisioned {
  if (status !== 200 || !isRecord(json) || Object.keys(json).join() !== 'id,url')
    throw new Error(`no server: ${status} ${text}`);
  return { id: String(json['id']), url: String(json['url']) };
}
