import { expect, test } from 'vitest';
import { padded, serverOf, settings, stateOf, times } from '../testing/wire.ts';
import { Fleet } from './fleet.ts';
import { headline, type Headline } from './headline.ts';
import { viewOf } from './view.ts';

const busy = (id: string, share: number, state = {}): object =>
  serverOf(id, { busy: padded(share, share, share), timeouts: padded(1, 1, 1), ...state });

const say = (servers: readonly object[], changed = {}): Headline =>
  headline(
    viewOf(
      new Fleet(
        stateOf({ servers, balancer: { at: times(9), settings: { ...settings, ...changed } } }),
      ),
    ),
  );

test.each<[string, readonly object[], object, string]>([
  ['nobody', [], {}, 'bad Down: no chat server is up: new viewers get none'],
  [
    'only leavers',
    [busy('1', 0, { status: 'draining' })],
    {},
    'bad Down: no chat server is up: new viewers get none',
  ],
  ['one', [busy('1', 0.35)], {}, 'good Well: 1 server is up; the highest load is 0.50'],
  [
    'two',
    [busy('1', 0.35), busy('2', 0.07)],
    {},
    'good Well: 2 servers are up; the highest load is 0.50',
  ],
  [
    'a full one',
    [busy('1', 0.75), busy('2', 0.1)],
    {},
    'warn Full: 127.0.0.1:8081 is full; 1 server has room',
  ],
  [
    'overload',
    [busy('1', 0.99), busy('2', 0.6)],
    {},
    'bad Overloaded: 127.0.0.1:8081 is overloaded; no server has room; at most 2 more may be started',
  ],
  [
    'overload at the limit',
    [busy('1', 0.99), busy('2', 0.98)],
    { serversMax: 2 },
    'bad Overloaded: 127.0.0.1:8081, 127.0.0.1:8082 are overloaded; no server has room, and --servers-max 2 are there',
  ],
  [
    'lag',
    [busy('1', 0.1, { timeouts: padded(20, 20, 20) })],
    {},
    'bad Lagging: 127.0.0.1:8081 is lagging; 1 server has room',
  ],
  [
    'too few',
    [busy('1', 0.1)],
    { serversMin: 2 },
    'warn Short: 1 of --servers-min 2 servers are up',
  ],
  [
    'a leaver',
    [busy('1', 0.1), busy('2', 0.1, { status: 'draining' })],
    {},
    'warn Draining: 127.0.0.1:8082 is draining',
  ],
  [
    'five that are full',
    ['1', '2', '3', '4', '5'].map((id) => busy(id, 0.75)),
    {},
    'warn Full: 127.0.0.1:8081, 127.0.0.1:8082, 127.0.0.1:8083 and 2 more are full; no server has room, and --servers-max 4 are there',
  ],
])('%s', (_what, servers, changed, text) => {
  const { mood, word, sentence } = say(servers, changed);
  expect(`${mood} ${word}: ${sentence}`).toBe(text);
});
