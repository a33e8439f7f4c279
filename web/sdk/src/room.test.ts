// A room from outside: what it tells, and what becomes of what is said.
import { describe, expect, test, vi } from 'vitest';
import { SpillwayClient, SpillwayError, type Message, type RoomState } from './index.ts';
import {
  ack,
  chat,
  entering,
  heard,
  joined,
  lastId,
  options,
  useFakePage,
} from './testing/fake_page.ts';
import { FakeSocket } from './testing/fake_socket.ts';

useFakePage();

describe('events', () => {
  test('a message has its text, place, time, id and data', () => {
    const { room, socket } = joined();
    const messages = heard<Message>((listener) => room.on('message', listener));
    socket.say(chat(11, { id: 'x', data: { name: 'ada' } }), chat(12));
    expect(messages).toEqual([
      { text: 'm11', seq: 11, epoch: 'e', ts: 7, id: 'x', data: { name: 'ada' } },
      { text: 'm12', seq: 12, epoch: 'e', ts: 7, id: undefined, data: {} },
    ]);
  });

  test('one form or the other, message by message', () => {
    const { room, socket } = joined();
    const messages = heard<Message>((listener) => room.on('message', listener));
    socket.emit('message', { data: JSON.stringify(chat(11)) });
    expect(messages).toHaveLength(1);
  });

  test('a repeated line is shown once, and a thousand lines later it is another', () => {
    const { room, socket } = joined();
    const messages = heard<Message>((listener) => room.on('message', listener));
    socket.say(chat(11, { id: 'x' }), chat(12, { id: 'x' }));
    for (let i = 0; i < 999; i += 1) socket.say(chat(13 + i, { id: `y${i}` }));
    socket.say(chat(1012, { id: 'x' }));
    expect(messages).toHaveLength(1000);
    socket.say(chat(1013, { id: 'z' }), chat(1014, { id: 'x' }));
    expect(messages.slice(-2).map(({ id }) => id)).toEqual(['z', 'x']);
  });

  test('viewers, when their number changes', () => {
    const room = entering();
    const counts = heard<number>((listener) => room.on('viewers', listener));
    expect(room.viewers).toBeUndefined();
    FakeSocket.newest.letIn();
    for (const viewers of [3, 4, 4]) {
      FakeSocket.newest.say({ type: 'viewers', payload: { viewers } });
    }
    expect(counts).toEqual([3, 4]);
    expect(room.viewers).toBe(4);
  });

  test('gap, with what is lost', () => {
    const { room, socket } = joined();
    const gaps = heard((listener) => room.on('gap', listener));
    socket.say({ type: 'gap', payload: { from: 11, to: 12 } });
    expect(gaps).toEqual([{ lost: 2, from: 11, to: 12 }]);
  });

  test('state, and the same object until it changes', () => {
    const room = entering();
    const states = heard<RoomState>((listener) => room.on('state', listener));
    FakeSocket.newest.letIn();
    expect(room.state).toBe(room.state);
    FakeSocket.newest.emit('close', { code: 1006, reason: '' });
    expect(states.map(({ name }) => name)).toEqual(['joined', 'waiting']);
    vi.advanceTimersByTime(250);
    expect(states.map(({ name }) => name)).toEqual(['joined', 'waiting', 'connecting']);
    expect(states.at(-1)).toBe(room.state);
  });

  test('error, for a line that has to wait', async () => {
    const { room, socket } = joined();
    const errors = heard<SpillwayError>((listener) => room.on('error', listener));
    const sent = room.send('hello');
    const id = lastId(socket);
    const payload = { code: 'rate_limited', message: 'slow down', retryAfterMs: 1200, id };
    socket.say({ type: 'error', payload });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject(payload);
    await vi.advanceTimersByTimeAsync(1500);
    socket.say(ack(lastId(socket)));
    await expect(sent).resolves.toEqual({ id, seq: 11 });
  });

  test('a listener that is taken away hears nothing more', () => {
    const { room, socket } = joined();
    const texts: string[] = [];
    const off = room.on('message', ({ text }) => texts.push(text));
    socket.say(chat(11));
    off();
    off();
    socket.say(chat(12));
    expect(texts).toEqual(['m11']);
  });

  test('a listener that throws loses nobody a message, and is heard of', async () => {
    const { room, socket } = joined();
    const reported: unknown[] = [];
    const report = (error: unknown): void => void reported.push(error);
    process.on('uncaughtException', report);
    room.on('message', () => {
      throw new Error('a fault of the page');
    });
    const messages = heard<Message>((listener) => room.on('message', listener));
    socket.say(chat(11), chat(12));
    expect(messages).toHaveLength(2);
    vi.useRealTimers();
    await vi.waitFor(() => expect(reported).toHaveLength(2));
    process.off('uncaughtException', report);
  });

  test('a listener that closes the room hears nothing more', () => {
    const { room, socket } = joined();
    const messages = heard<Message>((listener) => room.on('message', listener));
    room.on('message', () => room.close());
    socket.say(chat(11), chat(12));
    expect(messages).toHaveLength(1);
    expect(socket.closedWith).toBe(1000);
  });
});

describe('send()', () => {
  test('resolves with the place in the room', async () => {
    const { room, socket } = joined();
    const sent = room.send('hello', { data: { name: 'ada' } });
    expect(JSON.parse(socket.sent.at(-1) ?? '')).toEqual({
      type: 'chat',
      payload: { message: 'hello', id: lastId(socket), data: { name: 'ada' } },
    });
    socket.say(ack(lastId(socket)));
    await expect(sent).resolves.toEqual({ id: lastId(socket), seq: 11 });
  });

  test('rejects with a typed error', async () => {
    const { room, socket } = joined();
    const sent = room.send('', { id: 'mine' });
    socket.say({ type: 'error', payload: { code: 'bad_request', message: 'no', id: 'mine' } });
    const error = await sent.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SpillwayError);
    expect(error).toMatchObject({ name: 'SpillwayError', code: 'bad_request', id: 'mine' });
  });

  test('takes no id twice while it is in use', async () => {
    const { room } = joined();
    void room.send('a', { id: 'x' }).catch(() => {});
    await expect(room.send('b', { id: 'x' })).rejects.toMatchObject({ code: 'bad_request' });
    room.close();
  });

  test('rejects what JSON cannot say, and nothing is sent', async () => {
    const { room, socket } = joined();
    await expect(room.send('a', { data: { big: 1n } })).rejects.toThrow(TypeError);
    expect(socket.sent).toHaveLength(1); // the register
  });

  test('waits for a connection, up to the bound', async () => {
    const room = new SpillwayClient({ server: 'ws://a:1', ...options }).join('lobby', {
      queueMax: 1,
    });
    const first = room.send('first');
    await expect(room.send('second')).rejects.toMatchObject({ code: 'queue_full' });
    FakeSocket.newest.letIn();
    FakeSocket.newest.say(ack(lastId(FakeSocket.newest)));
    await expect(first).resolves.toMatchObject({ seq: 11 });
  });

  test('rejects when the room is closed, before and after', async () => {
    const { room } = joined();
    const sent = room.send('a');
    room.close();
    await expect(sent).rejects.toMatchObject({ code: 'closed' });
    await expect(room.send('b')).rejects.toMatchObject({ code: 'closed' });
  });

  test('from a listener comes after all that was just said', async () => {
    const { room, socket } = joined();
    const order: string[] = [];
    room.on('message', ({ text }) => {
      order.push(text);
      void room.send(`re: ${text}`).catch(() => {});
    });
    socket.say(chat(11), chat(12));
    expect(order).toEqual(['m11', 'm12']);
    expect(socket.sent.filter((text) => text.includes('re: '))).toHaveLength(1);
    room.close();
  });
});
