// Bun's server with its own publish and subscribe, nothing behind it. Run by bun.
import { understand } from './protocol.mjs';

/* global Bun */
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch(request, self) {
    if (self.upgrade(request, { data: { room: '' } })) return undefined;
    return new Response('a WebSocket, please', { status: 426 });
  },
  websocket: {
    perMessageDeflate: false,
    backpressureLimit: 64 * 1024 * 1024,
    message(socket, data) {
      const asked = understand(String(data));
      if ('say' in asked) server.publish(socket.data.room, asked.say);
      else {
        socket.data.room = asked.enter;
        socket.subscribe(asked.enter);
      }
    },
  },
});
console.log(`listening ${server.port}`);
