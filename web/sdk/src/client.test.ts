// Where a client looks for its rooms.
import { expect, test, vi } from 'vitest';
import { SpillwayClient } from './index.ts';
import { answer, balancer, options, useFakePage } from './testing/fake_page.ts';
import { FakeSocket } from './testing/fake_socket.ts';

useFakePage();

test('asks the balancer for the room and offers the coalesced form', async () => {
  const room = new SpillwayClient({ balancer: 'http://b:3000/', ...options }).join('a b&c');
  await vi.advanceTimersByTimeAsync(0);
  expect(balancer.asked.map(({ url }) => url)).toEqual([
    'http://b:3000/servers/provision?room=a%20b%26c',
  ]);
  expect(FakeSocket.newest.url).toBe('ws://a:1');
  expect(FakeSocket.newest.protocols).toEqual(['spillway.batch.v1']);
  expect(room.state).toEqual({ name: 'connecting' });
});

test('asks where the page came from, if that is the balancer', async () => {
  new SpillwayClient({ balancer: '', ...options }).join('lobby');
  await vi.advanceTimersByTimeAsync(0);
  expect(balancer.asked.map(({ url }) => url)).toEqual(['/servers/provision?room=lobby']);
});

test('offers nothing where it is told not to', () => {
  new SpillwayClient({ server: 'ws://a:1', batch: false, ...options }).join('lobby');
  expect(FakeSocket.newest.protocols).toEqual([]);
});

test.each([
  ['the balancer is away', () => Promise.reject(new TypeError('fetch failed')), /fetch failed/],
  ['there is no server', () => Promise.resolve(answer(404, { error: 'none' })), /404/],
  ['the answer is none', () => Promise.resolve(answer(200, { url: 7 })), /no server \(200\)/],
])('%s: it waits and asks again', async (_, says, reason) => {
  const working = balancer.says;
  balancer.says = says;
  const room = new SpillwayClient({ balancer: 'http://b', ...options }).join('lobby');
  await vi.advanceTimersByTimeAsync(0);
  expect(room.state).toMatchObject({ name: 'waiting', reason: expect.stringMatching(reason) });
  balancer.says = working;
  await vi.advanceTimersByTimeAsync(250);
  expect(FakeSocket.all).toHaveLength(1);
});

test('a name that is none ends the room', async () => {
  balancer.says = () => Promise.resolve(answer(400, { error: 'no name' }));
  const room = new SpillwayClient({ balancer: 'http://b', ...options }).join('a{b');
  await vi.advanceTimersByTimeAsync(0);
  expect(room.state).toMatchObject({ name: 'closed', error: { code: 'bad_request' } });
});

test('needs a place to go to, one, and the means', () => {
  expect(() => new SpillwayClient({ ...options })).toThrow(TypeError);
  expect(() => new SpillwayClient({ balancer: '', server: 'ws://a', ...options })).toThrow(
    TypeError,
  );
  vi.stubGlobal('WebSocket', undefined);
  expect(() => new SpillwayClient({ balancer: '' })).toThrow(/WebSocket/);
  vi.unstubAllGlobals();
});

test('close() closes every room, and may be called again', () => {
  const client = new SpillwayClient({ server: 'ws://a:1', ...options });
  const rooms = [client.join('a'), client.join('b')];
  client.close();
  client.close();
  expect(rooms.map(({ state }) => state.name)).toEqual(['closed', 'closed']);
  expect(FakeSocket.all.map(({ closedWith }) => closedWith)).toEqual([1000, 1000]);
});

test('a question to the balancer that is not needed any more is taken back', () => {
  balancer.says = () => new Promise(() => {});
  new SpillwayClient({ balancer: 'http://b', ...options }).join('lobby').close();
  expect(balancer.asked[0]?.signal.aborted).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
