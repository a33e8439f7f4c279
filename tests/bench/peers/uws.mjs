// uWebSockets.js with its own publish and subscribe, nothing behind it.
import { createRequire } from 'node:module';
import { understand } from './protocol.mjs';

const name = '@trufflesuite/uws-js-unofficial';
const require = createRequire(import.meta.url);
const uws = require(name);
// Where its native part does not load, the package goes on with a slow one in JavaScript.
const native = Object.keys(require.cache).filter((file) => file.endsWith('.node'));
if (native.length === 0) {
  console.error(`${name}: its native part did not load`);
  process.exit(1);
}

const app = uws.App();
app
  .ws('/*', {
    compression: uws.DISABLED,
    maxBackpressure: 64 * 1024 * 1024,
    message: (/** @type {any} */ socket, /** @type {ArrayBuffer} */ data) => {
      const asked = understand(Buffer.from(data).toString());
      if ('say' in asked) app.publish(socket.room, asked.say);
      else {
        socket.room = asked.enter;
        socket.subscribe(asked.enter);
      }
    },
  })
  .listen('127.0.0.1', 0, (/** @type {any} */ listening) => {
    console.log(`listening ${uws.us_socket_local_port(listening)}`);
  });
