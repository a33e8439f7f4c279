// A bot that answers "!time". In a folder with `npm install @spillway/client ws`:
//   node bot.mjs http://127.0.0.1:3000 lobby
import { SpillwayClient } from '@spillway/client';
import { WebSocket } from 'ws'; // Node has a WebSocket of its own since version 22

const [balancer = 'http://127.0.0.1:3000', name = 'lobby'] = process.argv.slice(2);
const client = new SpillwayClient({ balancer, WebSocket });
const room = client.join(name);
const data = { name: 'clock', color: '#08f' };

room.on('state', (state) => console.error(state));
room.on('error', (error) => console.error(error.message));
room.on('message', ({ text, data: { name: author = 'somebody' } }) => {
  console.log(`${author}: ${text}`);
  if (text !== '!time') return;
  const answer = `it is ${new Date().toISOString()}`;
  room.send(answer, { data }).catch((error) => console.error(`not sent: ${error.message}`));
});

process.once('SIGINT', () => client.close());
