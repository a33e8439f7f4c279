// What the tests of hostile clients share: a server whose memory is watched, and clients by hand.
import { RawClient, type OpenOptions } from '../../conformance/raw_client.ts';
import { opcodes, text } from '../../conformance/frames.ts';
import type { Flags } from './binary.ts';
import { fetchText } from './balancer.ts';
import { parseMetrics } from './metrics.ts';
import { watchedEnvironment } from './memory_watch.ts';
import type { RedisServer } from './redis.ts';
import type { ChatServer } from './server.ts';
import type { Stage } from './stage.ts';

/** The longest WebSocket message at the default of --message-bytes-max. */
export const messageLimit = 6 * 2048 + 8 * 1024;

export async function watchedServer(
  stage: Stage,
  flags: Flags = {},
  redis?: RedisServer,
): Promise<ChatServer> {
  return stage.server(redis ?? (await stage.redis()), flags, { env: watchedEnvironment });
}

/** Connected, nothing sent yet. */
export function tcpClient(stage: Stage, server: ChatServer): RawClient {
  const client = new RawClient(server.port);
  stage.onEnd(() => client.destroy());
  return client;
}

/** After the handshake. */
export async function rawClient(
  stage: Stage,
  server: ChatServer,
  options: OpenOptions = {},
): Promise<RawClient> {
  const client = tcpClient(stage, server);
  await client.open(options);
  return client;
}

export const registerFrame = (chatId: string): Buffer =>
  text(JSON.stringify({ type: 'register', payload: { chatId } }));

export const chatFrame = (message: string): Buffer =>
  text(JSON.stringify({ type: 'chat', payload: { message } }));

/** Of the close frame behind whatever else is sent; then the stream has to end. */
export async function closeCodeOf(client: RawClient): Promise<number> {
  for (;;) {
    const { opcode, payload } = await client.frame();
    if (opcode !== opcodes.close) continue;
    await client.ended();
    return payload.length === 0 ? 1005 : payload.readUInt16BE();
  }
}

/** `body` for 0 … count-1, at most `width` of them at a time. */
export async function inParallel(
  count: number,
  width: number,
  body: (i: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) await body(next++);
  };
  await Promise.all(Array.from({ length: width }, work));
}

/** One value of /metrics, at most about a second old. */
export async function metric(server: ChatServer, name: string): Promise<number> {
  const { text: page } = await fetchText(`${server.httpUrl}/metrics`);
  const value = parseMetrics(page).get(name);
  if (value === undefined) throw new Error(`no ${name} in ${page}`);
  return value;
}
