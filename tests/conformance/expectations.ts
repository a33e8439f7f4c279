// What most tests expect of an echo.
import { expect } from 'vitest';
import { opcodes, ping } from './frames.ts';
import type { RawClient } from './raw_client.ts';

const excerpt = (data: Buffer): string => `${data.length} bytes: ${data.toString('hex', 0, 64)}`;

export async function expectEcho(
  client: RawClient,
  opcode: number,
  data: string | Buffer,
  limitMs?: number,
): Promise<void> {
  const sent = Buffer.from(data);
  const message = await client.message(limitMs);
  expect(message.opcode).toBe(opcode);
  // Not toEqual: it takes seconds to compare megabytes.
  if (!message.data.equals(sent)) expect(excerpt(message.data)).toBe(excerpt(sent));
}

export const expectText = async (client: RawClient, data: string | Buffer): Promise<void> =>
  expectEcho(client, opcodes.text, data);

export async function expectPong(client: RawClient, payload: string | Buffer): Promise<void> {
  const frame = await client.frame();
  expect(frame.opcode).toBe(opcodes.pong);
  expect(frame.payload.toString('hex')).toBe(Buffer.from(payload).toString('hex'));
}

/** Everything sent before was taken without complaint: a ping behind it is answered next. */
export async function expectAlive(client: RawClient): Promise<void> {
  client.send(ping('alive?'));
  await expectPong(client, 'alive?');
}

/** Whole in one write, and in writes of a byte. */
export const deliveries = [
  ['in one segment', async (client: RawClient, bytes: Buffer) => client.send(bytes)],
  ['in single bytes', async (client: RawClient, bytes: Buffer) => client.chop(bytes)],
] as const;
