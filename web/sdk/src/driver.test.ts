// Sockets and timers, as they are handled for the machine.
import { expect, test, vi } from 'vitest';
import { SpillwayClient } from './index.ts';
import { chat, joined, options, useFakePage } from './testing/fake_page.ts';
import { FakeSocket } from './testing/fake_socket.ts';

useFakePage();

test('what is no message ends one, and it resumes from the last position', () => {
  const { room, socket } = joined();
  socket.say(chat(11));
  socket.emit('message', { data: 'hello' });
  expect(socket.closedWith).toBe(1000);
  expect(room.state.name).toBe('waiting');
  vi.advanceTimersByTime(250);
  FakeSocket.newest.emit('open');
  expect(JSON.parse(FakeSocket.newest.sent[0] ?? '')).toMatchObject({
    payload: { since: { epoch: 'e', seq: 11 } },
  });
});

test('an address that is none is a failed attempt', () => {
  const room = new SpillwayClient({ server: 'no url', ...options }).join('lobby');
  expect(room.state).toMatchObject({ name: 'waiting', reason: expect.stringMatching(/no url/) });
});

test('silence for 40 s ends one', () => {
  const { room, socket } = joined();
  vi.advanceTimersByTime(39_999);
  expect(room.state.name).toBe('joined');
  vi.advanceTimersByTime(1);
  expect(room.state.name).toBe('waiting');
  expect(socket.closedWith).toBe(1000);
});

test('a busy one arms no timer for each message', () => {
  const { socket } = joined();
  const setTimeout = vi.spyOn(globalThis, 'setTimeout');
  for (let seq = 11; seq < 111; seq += 1) socket.say(chat(seq));
  expect(setTimeout).not.toHaveBeenCalled();
});

test('after close() nothing is left to do', () => {
  const { room } = joined();
  room.close();
  expect(vi.getTimerCount()).toBe(0);
});
