// Connections themselves as a weapon: very many, ended in every way, and cut into single bytes.
import { expect } from 'vitest';
import { connect, type Socket } from 'node:net';
import { close, ping, text } from '../conformance/frames.ts';
import { newKey, upgradeRequest } from '../conformance/raw_client.ts';
import {
  chatFrame,
  closeCodeOf,
  inParallel,
  registerFrame,
  tcpClient,
  watchedServer,
} from './harness/hostile.ts';
import { MemoryWatch } from './harness/memory_watch.ts';
import { openDescriptors } from './harness/process_size.ts';
import type { ChatServer } from './harness/server.ts';
import { test } from './harness/stage.ts';
import { eventually } from './harness/wait.ts';

async function connected(server: ChatServer): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: server.port });
  socket.on('error', () => {}); // many of these end with a reset, on purpose
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket;
}

async function ended(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

async function firstBytes(socket: Socket): Promise<void> {
  await new Promise((resolve) => socket.once('data', resolve).once('close', resolve));
}

const upgrade = (): string => upgradeRequest(newKey());
const session = Buffer.concat([registerFrame('lobby'), text('{"type":"chat"')]);

/** How a connection begins and ends, from the polite to the abrupt. */
const lives: readonly ((socket: Socket) => Promise<void>)[] = [
  async (socket) => {
    socket.resume().end();
    await ended(socket);
  },
  async (socket) => {
    socket.resetAndDestroy(); // RST instead of FIN
    await ended(socket);
  },
  async (socket) => {
    socket.write(upgrade().slice(0, 40), () => socket.resetAndDestroy());
    await ended(socket);
  },
  async (socket) => {
    socket.write(upgrade());
    await firstBytes(socket);
    socket.resetAndDestroy();
    await ended(socket);
  },
  async (socket) => {
    socket.write(Buffer.concat([Buffer.from(upgrade()), session]));
    await firstBytes(socket);
    socket.resetAndDestroy(); // with a register under way
    await ended(socket);
  },
  async (socket) => {
    // Everything at once, the close too.
    socket.resume().end(Buffer.concat([Buffer.from(upgrade()), session, close(1000)]));
    await ended(socket);
  },
  async (socket) => {
    socket.resume().write('nonsense\r\n\r\n');
    await ended(socket);
  },
  async (socket) => {
    socket.write(Buffer.concat([Buffer.from(upgrade()), ping('x'.repeat(126))]));
    await firstBytes(socket);
    socket.destroy();
    await ended(socket);
  },
];

test('10,000 connections that come and go in every way leave no descriptor and no memory', async ({
  stage,
}) => {
  const server = await watchedServer(stage);
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  const before = openDescriptors(server.child.pid);
  const comeAndGo = async (i: number): Promise<void> => {
    await lives[i % lives.length]?.(await connected(server));
  };
  const allGone = async (): Promise<void> => {
    await eventually(
      () => openDescriptors(server.child.pid),
      (count) => count === before,
    );
  };
  await inParallel(1000, 50, comeAndGo);
  await allGone();
  const memory = new MemoryWatch(server);
  await inParallel(10_000, 50, comeAndGo);
  await allGone();
  memory.expectFlat(4);
  await eventually(
    () => viewer.join('lobby'),
    ({ viewers }) => viewers === 1,
  );
  expect(await viewer.say('still here')).toBe(1);
});

test('a whole session in single bytes is a session like any other', async ({ stage }) => {
  const server = await watchedServer(stage, { 'rate-limit': '20/30s' });
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  const client = tcpClient(stage, server);
  const said = Buffer.concat([registerFrame('lobby'), chatFrame('drop by drop'), ping('?')]);
  await client.chop(Buffer.concat([Buffer.from(upgradeRequest(newKey())), said]));
  await viewer.until(() => viewer.texts.includes('drop by drop'));
  await client.chop(close(1000, 'bye'));
  expect(await closeCodeOf(client)).toBe(1000);
});
