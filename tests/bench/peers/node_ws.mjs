// The server that most people write first: `ws`, Redis between servers, one send for each viewer and message.
//   node node_ws.mjs REDIS_SOCKET
import { createServer } from 'node:http';
import { createClient } from '@redis/client';
import { WebSocketServer } from 'ws';
import { understand } from './protocol.mjs';

/** @type {Map<string, Set<import('ws').WebSocket>>} */
const rooms = new Map();
const redis = createClient({ socket: { path: process.argv[2] ?? '', tls: false } });
const subscriber = redis.duplicate();
await Promise.all([redis.connect(), subscriber.connect()]);

/** @param {string} name */
async function open(name) {
  /** @type {Set<import('ws').WebSocket>} */
  const members = new Set();
  rooms.set(name, members);
  await subscriber.subscribe(name, (text) => {
    for (const member of members) member.send(text);
  });
  return members;
}

const http = createServer();
new WebSocketServer({ server: http, perMessageDeflate: false }).on('connection', (socket) => {
  let room = '';
  socket.on('error', () => {});
  socket.on('close', () => rooms.get(room)?.delete(socket));
  socket.on('message', (/** @type {Buffer} */ data) => {
    const asked = understand(data.toString());
    if ('say' in asked) void redis.publish(room, asked.say);
    else {
      room = asked.enter;
      const members = rooms.get(room);
      if (members !== undefined) members.add(socket);
      else void open(room).then(() => rooms.get(room)?.add(socket));
    }
  });
});
http.listen(0, '127.0.0.1', () => {
  const address = http.address();
  if (address !== null && typeof address === 'object') console.log(`listening ${address.port}`);
});
