// The whole protocol through WebSocket implementations that share nothing with ours.
import { chromium, type Page } from 'playwright-core';
import { WebSocket as UndiciSocket } from 'undici';
import { expect } from 'vitest';
import { WebSocket as WsSocket } from 'ws';
import { beastClient } from './harness/binary.ts';
import { Child } from './harness/child.ts';
import { parseServerMessage, type ServerMessage } from './harness/messages.ts';
import { metric } from './harness/hostile.ts';
import { test, type Stage } from './harness/stage.ts';
import { batchProtocol } from './harness/viewer.ts';
import { Changes, eventually } from './harness/wait.ts';

/** What the test needs of a client; `texts` are the WebSocket messages it heard. */
interface Client {
  readonly texts: readonly string[];
  readonly changes: Changes;
  send(text: string): void;
  /** Closes with 1000 and says with which code it ended. */
  close(): Promise<number>;
}

type Connect = (stage: Stage, url: string, protocols: string[]) => Promise<Client>;

/** The part of the browsers' API that `ws` and undici offer as well. */
interface StandardSocket {
  addEventListener(type: 'open' | 'error', listener: (event: unknown) => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void;
  send(text: string): void;
  close(code: number): void;
}

async function standardClient(socket: StandardSocket): Promise<Client> {
  const texts: string[] = [];
  const changes = new Changes();
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener('close', (event) => resolve(event.code));
  });
  socket.addEventListener('message', (event) => {
    texts.push(String(event.data));
    changes.changed();
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  return {
    texts,
    changes,
    send: (text) => socket.send(text),
    close: () => {
      socket.close(1000);
      return closed;
    },
  };
}

const connectWs: Connect = (_stage, url, protocols) =>
  standardClient(new WsSocket(url, protocols) as unknown as StandardSocket);

const connectUndici: Connect = (_stage, url, protocols) =>
  standardClient(new UndiciSocket(url, protocols) as unknown as StandardSocket);

const connectBeast: Connect = async (stage, url, protocols) => {
  const { hostname, port } = new URL(url);
  const child = new Child(beastClient, [hostname, port, protocols[0] ?? '-', 'deflate']);
  stage.onEnd(async () => {
    await child.kill9();
    child.assertHealthy();
  });
  const texts: string[] = [];
  const changes = new Changes();
  child.onStdoutLine((line) => {
    texts.push(line);
    changes.changed();
  });
  return {
    texts,
    changes,
    send: (text) => child.write(`${text}\n`),
    close: async () => {
      child.endInput();
      await child.exited();
      return Number(/^closed (\d+)$/.exec(texts.at(-1) ?? '')?.[1]);
    },
  };
};

/** A page with one socket; what it hears is passed out as it comes. */
async function openSocketInPage(page: Page, url: string, protocols: string[]): Promise<void> {
  await page.evaluate(
    ([address, offered]) =>
      new Promise<void>((resolve, reject) => {
        const scope = globalThis as unknown as {
          socket: WebSocket;
          heard(text: string): void;
          ended(code: number): void;
        };
        const socket = new WebSocket(address, offered);
        scope.socket = socket;
        socket.addEventListener('message', (event) => scope.heard(String(event.data)));
        socket.addEventListener('close', (event) => scope.ended(event.code));
        socket.addEventListener('open', () => resolve());
        socket.addEventListener('error', () => reject(new Error('no connection')));
      }),
    [url, protocols] as const,
  );
}

const connectChromium: Connect = async (stage, url, protocols) => {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  stage.onEnd(() => browser.close());
  const page = await browser.newPage();
  const texts: string[] = [];
  const changes = new Changes();
  let ended: number | undefined;
  await page.exposeFunction('heard', (text: string) => {
    texts.push(text);
    changes.changed();
  });
  await page.exposeFunction('ended', (code: number) => {
    ended = code;
    changes.changed();
  });
  await openSocketInPage(page, url, protocols);
  const inPage = (script: string): void => void page.evaluate(script);
  return {
    texts,
    changes,
    send: (text) => inPage(`socket.send(${JSON.stringify(text)})`),
    close: async () => {
      inPage('socket.close(1000)');
      await changes.until(
        () => ended !== undefined,
        () => 'the close event in Chromium',
      );
      return ended ?? 0;
    },
  };
};

const payload = (part: object): object => ({ payload: expect.objectContaining(part) });

const clients: readonly (readonly [string, Connect])[] = [
  ['Beast', connectBeast],
  ['ws', connectWs],
  ['undici', connectUndici],
  ['Chromium', connectChromium],
];

for (const [name, connect] of clients) {
  for (const protocols of [[], [batchProtocol]]) {
    const form = protocols.length > 0 ? 'coalesced' : 'plain';
    test(`${name} goes through the whole protocol, ${form} form`, async ({ stage }) => {
      const server = await stage.server(await stage.redis());
      const other = await stage.viewer(server);
      await other.join('lobby');
      await other.say('before');
      const client = await connect(stage, server.url, [...protocols]);

      const heard = (): ServerMessage[] =>
        client.texts.flatMap((text) => {
          const value: unknown = JSON.parse(text);
          expect(Array.isArray(value)).toBe(protocols.length > 0);
          return (Array.isArray(value) ? value : [value]).map(parseServerMessage);
        });
      const hears = async (part: object): Promise<void> => {
        const arrived = (): boolean =>
          heard().some((message) => expect.objectContaining(part).asymmetricMatch(message));
        await client.changes.until(arrived, () => `${JSON.stringify(part)} in ${client.texts}`);
      };

      await hears({ type: 'welcome', server: server.id });
      client.send('{"type":"register","payload":{"chatId":"lobby","history":10}}');
      await hears({ type: 'registered', ...payload({ chatId: 'lobby', seq: 0 }) });
      await hears({ type: 'chat', seq: 1, message: 'before' });
      client.send('{"type":"chat","payload":{"message":"grüße 🎈","id":"mine","data":{"a":1}}}');
      await hears({ type: 'ack', ...payload({ id: 'mine', seq: 2 }) });
      await hears({ type: 'chat', seq: 2, id: 'mine', message: 'grüße 🎈', data: { a: 1 } });
      await other.until(() => other.texts.includes('grüße 🎈'));
      client.send('not JSON');
      await hears({ type: 'error', ...payload({ code: 'bad_request' }) });
      await other.say('x'.repeat(2000));
      await hears({ type: 'chat', seq: 3, message: 'x'.repeat(2000) });
      expect(await client.close()).toBe(1000);
    });
  }
}

for (const [name, connect] of clients) {
  test(`${name} reads what was compressed for it`, async ({ stage }) => {
    const server = await stage.server(await stage.redis());
    // The others agreed to nothing, so what is compressed is for this client.
    const crowd = await stage.viewers(40, server);
    for (const viewer of crowd) await viewer.join('lobby');
    const client = await connect(stage, server.url, [batchProtocol]);
    client.send('{"type":"register","payload":{"chatId":"lobby"}}');
    const seqs = (): number[] =>
      client.texts
        .flatMap((text) => JSON.parse(text) as { type: string; seq: number }[])
        .flatMap((message) => (message.type === 'chat' ? [message.seq] : []));
    await client.changes.until(
      () => client.texts.some((text) => text.includes('registered')),
      () => `registered in ${client.texts}`,
    );
    const lines = Array.from({ length: 400 }, (_, i) => `what a match, what a goal, number ${i}`);
    await crowd[0]?.sayAll(lines, 200);
    await client.changes.until(
      () => seqs().length === lines.length,
      () => `${lines.length} messages, not ${seqs().length}`,
    );
    expect(seqs()).toEqual(lines.map((_, i) => i + 1));
    await eventually(
      () => metric(server, 'spillway_deflate_in_bytes_total'),
      (bytes) => bytes > 0,
    );
  });
}
