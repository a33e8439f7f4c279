// The pictures of the chat in the README: `node tests/browser/screenshots.mjs` after ./dev build.
// They are looked at, not compared.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { WebSocket } from 'ws';

const root = new URL('../../', import.meta.url);
const binary = process.env.SPILLWAY_BIN ?? fileURLToPath(new URL('build/release/spillway', root));

const talk = [
  ['ada', '#be185d', 'good evening everybody'],
  ['Grace', '#0369a1', 'hi @ada, the sound is a bit low here, is that only me?'],
  ['linus', '#15803d', 'same here'],
  ['margaret', '#7e22ce', 'they are on it, see https://status.example.org/audio'],
  ['barbara', '#c2410c', 'what did I miss? I was away for the whole first half'],
  ['ada', '#be185d', "@barbara goals at 12' and 31', both from the left"],
  ['Edsger', '#0f766e', 'and a very short break'],
  ['linus', '#15803d', 'what a save!!'],
  ['Grace', '#0369a1', 'sound is fine now, thank you'],
  ['Donald', '#4d7c0f', 'how many are we tonight?'],
  ['margaret', '#7e22ce', 'look at the top, @Donald'],
  ['guest 4821', '#b45309', 'first time here, this is quick'],
  ['barbara', '#c2410c', 'same names every week, I like that'],
  ['Edsger', '#0f766e', 'second half in two minutes'],
  ['linus', '#15803d', 'here we go'],
];

async function startUp() {
  const up = spawn(binary, ['up', '--port=0', '--server-port=0', '--server-rate-limit=off']);
  up.stderr.pipe(process.stderr);
  let said = '';
  for await (const chunk of up.stdout) {
    said += String(chunk);
    if (/^ready/m.test(said)) break;
  }
  const [, url = ''] = /^balancer +(\S+)/m.exec(said) ?? [];
  return { up, url };
}

/** Somebody else in the room for each who speaks. */
async function fillRoom(url) {
  const { url: server } = await (await fetch(`${url}/servers/provision`)).json();
  const sockets = await Promise.all(
    Array.from({ length: 126 }, async () => {
      const socket = new WebSocket(server);
      await once(socket, 'open');
      socket.send('{"type":"register","payload":{"chatId":"lobby"}}');
      await once(socket, 'message');
      return socket;
    }),
  );
  for (const [name, color, message] of talk) {
    const payload = { message, data: { name, color } };
    sockets[0]?.send(JSON.stringify({ type: 'chat', payload }));
  }
  return sockets;
}

const shots = [
  { file: 'chat-light.png', colorScheme: 'light', viewport: { width: 1120, height: 640 } },
  { file: 'chat-dark.png', colorScheme: 'dark', viewport: { width: 1120, height: 640 } },
  { file: 'chat-phone.png', colorScheme: 'dark', viewport: { width: 375, height: 640 } },
];

const { up, url } = await startUp();
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const sockets = await fillRoom(url);
  for (const { file, ...options } of shots) {
    const context = await browser.newContext({ ...options, reducedMotion: 'reduce' });
    const page = await context.newPage();
    const viewer = JSON.stringify({ name: 'Donald', color: '#4d7c0f' });
    await page.addInitScript(`localStorage.setItem('spillway.viewer', ${JSON.stringify(viewer)})`);
    await page.goto(`${url}/chat/lobby`);
    await page.getByText('here we go').waitFor();
    await page.getByText(/^12\d watching/).waitFor();
    await page.screenshot({ path: fileURLToPath(new URL(`docs/images/${file}`, root)) });
    await context.close();
  }
  for (const socket of sockets) socket.terminate();
} finally {
  await browser.close();
  up.kill('SIGTERM');
  await once(up, 'exit');
}
