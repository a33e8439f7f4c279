import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { changeOf, idOf, padded, roomOf, serverOf, stateOf, times } from '../testing/wire.ts';
import { Fleet } from './fleet.ts';
import { levels, rates } from './rates.ts';
import { viewOf } from './view.ts';
import { WireError } from '../../shared/wire.ts';

const [a, b] = [idOf('1'), idOf('2')];
const decision = (at: number): object => ({ at, what: 'create', why: 'asked', numbers: {} });
const change = (id: string, state: object): object => ({ id, state });

test('the whole of /redis-stats and what the stream adds to it is understood', () => {
  const golden: unknown = JSON.parse(
    readFileSync(new URL('../../../../../docs/balancer/redis-stats.json', import.meta.url), 'utf8'),
  );
  const fleet = new Fleet(Object.assign({}, stateOf({ balancer: { at: times(3) } }), golden));
  expect([...fleet.servers.values()].map(({ url, status }) => [url, status])).toEqual([
    ['ws://10.0.0.1:8080', 'up'],
    ['wss://b.example/chat', 'draining'],
  ]);
  const { servers, totals } = viewOf(fleet);
  // 350 and 600 after 100, the padding before which is no 0.
  expect(servers[0]?.deliveries.series.slice(-4)).toEqual([null, null, 250, 250]);
  expect(servers[0]?.load.now).toBeCloseTo(0.25 / 0.7);
  // One entry says nothing of a rate.
  expect(servers[1]?.deliveries.series.slice(-2)).toEqual([null, null]);
  expect(servers[1]?.viewers.series.slice(-2)).toEqual([null, 4]);
  expect(totals).toMatchObject({ serversUp: 1, serversDraining: 1 });
  expect(totals.viewers.series.slice(-4)).toEqual([null, 10, 11, 16]);
  expect([...fleet.rooms.keys()]).toEqual(['lobby', 'Zürich "live"']);
});

test('a change moves every history on, by what came or by the last one once more', () => {
  const one = serverOf('1', { clients: padded(5), socketWrites: padded(100) });
  const fleet = new Fleet(stateOf({ servers: [one, serverOf('2', { clients: padded(1) })] }));
  fleet.change(changeOf(1, { servers: [change(a, { socketWrites: 150 })] }));
  fleet.change(changeOf(2, { servers: [change(a, { clients: 7, status: 'draining' })] }));
  const server = fleet.servers.get(a) ?? expect.fail();
  expect(levels(server.histories.clients, server.first).slice(-4)).toEqual([null, 5, 5, 7]);
  const writes = rates(server.histories.socketWrites, fleet.times, server.first);
  expect(writes.slice(-3)).toEqual([null, 50, 25]);
  expect(server.status).toBe('draining');
  expect(fleet.servers.get(b)?.histories.clients.values.slice(-3)).toEqual(
    new Float64Array([1, 1, 1]),
  );
});

test('what is no time, and would make a date throw, is 1970', () => {
  const decisions = [decision(8.64e15), decision(8.64e15 + 1), decision(1e300)];
  const fleet = new Fleet(stateOf({ decisions }));
  expect(fleet.decisions.map(({ at }) => at)).toEqual([8.64e15, 0, 0]);
  fleet.change(Object.assign({}, changeOf(1), { at: 9e15 }));
  expect(viewOf(fleet).atMs).toBe(0);
});

test('an idle server is known from when it was watched, not from the padding', () => {
  const fleet = new Fleet(stateOf({ servers: [serverOf('1')] }));
  expect(viewOf(fleet).servers[0]?.viewers.now).toBe(null);
  fleet.change(changeOf(1)); // it was announced, and has said nothing yet
  expect(viewOf(fleet).servers[0]?.viewers.now).toBe(null);
  fleet.change(changeOf(2, { servers: [change(a, { timeouts: 0.1 })] }));
  fleet.change(changeOf(3, { servers: [change(a, { socketWrites: 40 })] }));
  const view = viewOf(fleet).servers[0];
  expect(view?.viewers.series.slice(-3)).toEqual([null, 0, 0]);
  expect(view?.deliveries.series.slice(-3)).toEqual([null, null, 40]);
});

test('who is gone is taken out, and who comes back comes whole', () => {
  const fleet = new Fleet(
    stateOf({ servers: [serverOf('1'), serverOf('2')], rooms: { lobby: roomOf([3]) } }),
  );
  fleet.change(changeOf(1, { gone: { socketServers: [a], chatRooms: ['lobby'] } }));
  expect([...fleet.servers.keys()]).toEqual([b]);
  expect(fleet.rooms.size).toBe(0);
  const back = serverOf('1', { clients: padded(9, 9) });
  // In one event both: taken out first, then whole and new.
  fleet.change(
    changeOf(2, {
      servers: [back],
      rooms: { lobby: roomOf([4]) },
      gone: { socketServers: [b], chatRooms: [] },
    }),
  );
  expect([...fleet.servers.keys()]).toEqual([a]);
  expect(fleet.servers.get(a)?.histories.clients.values.slice(-3)).toEqual(
    new Float64Array([0, 9, 9]),
  );
  expect(fleet.rooms.get('lobby')?.viewers).toBe(4);
});

test('rooms have rates without padding, and none below zero', () => {
  const fleet = new Fleet(
    stateOf({
      rooms: {
        lobby: roomOf([2, 2], [1000, 1003], [5000, 5006]),
        constructor: roomOf([1], [7], [7]),
      },
    }),
  );
  const { values } = fleet.times;
  const lobby = fleet.rooms.get('lobby') ?? expect.fail();
  const odd = fleet.rooms.get('constructor') ?? expect.fail();
  expect([lobby.messagesPerS(values), lobby.deliveriesPerS(values)]).toEqual([3, 6]);
  expect(odd.messagesPerS(values)).toBe(null);
  fleet.change(changeOf(1, { rooms: { lobby: { cumulativeMessages: 10 } } }));
  expect(lobby.messagesPerS(values)).toBe(null);
  expect(odd.messagesPerS(values)).toBe(0);
  fleet.change(changeOf(2, { rooms: { lobby: { cumulativeMessages: 30, clients: 8 } } }));
  expect([lobby.messagesPerS(values), lobby.viewers]).toEqual([20, 8]);
});

test('rooms that a server has are changed by name, and 0 takes one out', () => {
  const fleet = new Fleet(
    stateOf({ servers: [serverOf('1', { chatRooms: { lobby: 2, left: 1 } })] }),
  );
  fleet.change(changeOf(1, { servers: [change(a, { chatRooms: { left: 0, fresh: 4 } })] }));
  expect([...(fleet.servers.get(a)?.rooms ?? [])]).toEqual([
    ['lobby', 2],
    ['fresh', 4],
  ]);
});

test('the newest hundred decisions are kept', () => {
  const fleet = new Fleet(
    stateOf({ decisions: Array.from({ length: 100 }, (_, i) => decision(i)) }),
  );
  fleet.change(changeOf(1, { decisions: [decision(100), decision(101)] }));
  expect(fleet.decisions.map(({ at }) => at)).toEqual(Array.from({ length: 100 }, (_, i) => i + 2));
});

test('totals move on, and provisions become a rate', () => {
  const balancer = {
    provisions: padded(100, 110),
    rooms: padded(4, 4),
    messagesPerS: padded(0, 2.5),
  };
  const fleet = new Fleet(stateOf({ balancer: { ...balancer, at: times(2) } }));
  fleet.change(changeOf(1, { balancer: { provisions: 140, deciding: false } }));
  const { totals, deciding } = viewOf(fleet);
  expect(totals.provisions.series.slice(-4)).toEqual([null, null, 10, 20]);
  expect([totals.rooms.now, totals.messages.now, deciding]).toEqual([4, 2.5, false]);
});

test.each([
  ['nothing', null],
  ['a list', []],
  ['no servers', { ...stateOf({}), socketServers: {} }],
  ['a short history', stateOf({ servers: [serverOf('1', { clients: [1] })] })],
  ['a text in a history', stateOf({ servers: [serverOf('1', { busy: padded().map(String) })] })],
  ['an unknown status', stateOf({ servers: [serverOf('1', { status: 'odd' })] })],
  ['an older balancer', { ...stateOf({}), balancer: undefined }],
])('%s is no state', (_what, value) => {
  expect(() => new Fleet(value)).toThrow(WireError);
});
