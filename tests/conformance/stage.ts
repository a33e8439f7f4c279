// One echo server for all tests of a file, and connections that end with their test.
import { test as base } from 'vitest';
import { binary } from '../integration/harness/binary.ts';
import { Child } from '../integration/harness/child.ts';
import { RedisServer } from '../integration/harness/redis.ts';
import { ChatServer } from '../integration/harness/server.ts';
import { RawClient, type OpenOptions } from './raw_client.ts';

export interface Clients {
  /** Connected, nothing sent yet. */
  tcp(): RawClient;
  /** After the handshake. */
  open(options?: OpenOptions): Promise<RawClient>;
}

async function withClients(port: number, use: (clients: Clients) => Promise<void>): Promise<void> {
  const made: RawClient[] = [];
  const tcp = (): RawClient => {
    const client = new RawClient(port);
    made.push(client);
    return client;
  };
  const open = async (options?: OpenOptions): Promise<RawClient> => {
    const client = tcp();
    await client.open(options);
    return client;
  };
  await use({ tcp, open });
  for (const client of made) client.destroy();
  for (const client of made) client.assertNothingLeft();
}

async function withEcho(flags: readonly string[], use: (port: number) => Promise<void>) {
  const child = new Child(binary, ['echo', '--port=0', ...flags]);
  const address = /ws:\/\/\S+:(\d+)/;
  await child.until(() => address.test(child.stdout));
  await use(Number(address.exec(child.stdout)?.[1]));
  if (child.exit !== undefined) throw new Error(`ended too early: ${child.describe()}`);
  await child.end();
  child.assertHealthy();
}

interface Fixtures {
  readonly port: number;
  readonly clients: Clients;
}

const echoTest = (flags: readonly string[]) =>
  base.extend<Fixtures>({
    // oxlint-disable-next-line no-empty-pattern -- vitest reads the fixture's needs from it
    port: [async ({}, use) => withEcho(flags, use), { scope: 'file' }],
    clients: async ({ port }, use) => withClients(port, use),
  });

export const test = echoTest([]);

export const smallLimit = 64 * 1024;
export const testWithSmallLimit = echoTest([`--message-bytes-max=${smallLimit}`]);

/** Of a client's WebSocket message, by --message-bytes-max=1KiB. */
export const chatLimit = 6 * 1024 + 8 * 1024;

export const chatTest = base.extend<Fixtures>({
  port: [
    // oxlint-disable-next-line no-empty-pattern -- as above
    async ({}, use) => {
      const redis = await RedisServer.start();
      const server = await ChatServer.start(redis.url, { 'message-bytes-max': '1KiB' }, {});
      await use(server.port);
      if (server.child.exit !== undefined) throw new Error(server.child.describe());
      await server.close();
      await redis.close();
    },
    { scope: 'file' },
  ],
  clients: async ({ port }, use) => withClients(port, use),
});
