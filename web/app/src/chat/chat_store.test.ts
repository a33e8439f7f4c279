import { SpillwayError, type Message, type RoomEvents } from '@spillway/client';
import { beforeEach, expect, test } from 'vitest';
import { ChatStore, type RoomLike } from './chat_store.ts';

type Listeners = { [Name in keyof RoomEvents]?: (value: RoomEvents[Name]) => void };

interface Sending {
  readonly text: string;
  readonly id: string | undefined;
  readonly resolve: (seq: number) => void;
  readonly reject: (error: SpillwayError) => void;
}

/** A room that says what a test wants, and frames that come when it wants. */
class World {
  readonly store: ChatStore;
  readonly stop: () => void;
  readonly listeners: Listeners = {};
  readonly sendings: Sending[] = [];
  readonly waits: number[] = [];
  changes = 0;
  isClosed = false;
  now = 1000;
  #frames: (() => void)[] = [];
  #ids = 0;

  constructor() {
    const room: RoomLike = {
      state: { name: 'connecting' },
      on: (event, listener) => {
        Object.assign(this.listeners, { [event]: listener });
        return () => {};
      },
      send: (text, { id } = {}) =>
        new Promise((resolve, reject) => {
          const resolveWith = (seq: number): void => resolve({ id: id ?? '', seq });
          this.sendings.push({ text, id, resolve: resolveWith, reject });
        }),
      close: () => {
        this.isClosed = true;
      },
    };
    this.store = new ChatStore({
      join: () => room,
      onFrame: (run, afterMs) => {
        this.#frames.push(run);
        this.waits.push(afterMs);
      },
      now: () => this.now,
      newId: () => {
        this.#ids += 1;
        return `id-${this.#ids}`;
      },
    });
    this.stop = this.store.start();
    this.frame();
    this.store.subscribe(() => {
      this.changes += 1;
    });
  }

  frame(): void {
    const due = this.#frames;
    this.#frames = [];
    for (const run of due) run();
  }

  hear(seq: number, more: Partial<Message> = {}): void {
    const message = { text: `t${seq}`, seq, epoch: 'e', ts: 0, id: undefined, data: {} };
    this.listeners.message?.({ ...message, ...more });
  }

  get shown(): readonly string[] {
    return this.store
      .view()
      .lines.map((line) => (line.kind === 'message' ? `${line.name}: ${line.text}` : 'gap'));
  }

  get fates(): readonly string[] {
    return this.store.view().own.map(({ text, fate }) => `${text} ${fate.is}`);
  }
}

const ada = { name: 'ada', color: '#0369a1' };
let world: World;

beforeEach(() => {
  world = new World();
});

/** Lets promises that are settled say so. */
async function settled(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

test('what happens within a frame is one change', () => {
  for (let seq = 1; seq <= 300; seq += 1) world.hear(seq);
  world.listeners.viewers?.(7);
  expect(world.changes).toBe(0);
  world.frame();
  expect(world.changes).toBe(1);
  expect(world.store.view().viewers).toBe(7);
  expect(world.shown).toHaveLength(120);
  expect(world.shown.at(-1)).toBe('somebody: t300');
  world.frame();
  expect(world.changes).toBe(1);
});

test('the first change comes with the next frame, in a busy room the others with some of them', () => {
  world.now = 5000;
  world.hear(1);
  world.frame();
  world.now = 5010;
  world.hear(2);
  world.hear(3);
  world.frame();
  world.now = 5200;
  world.hear(4);
  expect(world.waits.slice(-3)).toEqual([0, 40, 0]);
});

test('a name is cleaned, or is somebody', () => {
  const names = ['ada', ' a\u202Eb ', '', 7, null, undefined, { a: 1 }];
  for (const name of names) world.hear(1, { data: { name } });
  world.frame();
  expect(world.shown.map((line) => line.split(':')[0])).toEqual([
    'ada',
    'ab',
    'somebody',
    'somebody',
    'somebody',
    'somebody',
    'somebody',
  ]);
});

test('what is said is shown at once, then as confirmed, then as the room has it', async () => {
  void world.store.say('hello', ada);
  world.frame();
  expect(world.fates).toEqual(['hello sending']);
  world.sendings[0]?.resolve(1);
  await settled();
  world.frame();
  expect(world.fates).toEqual(['hello sent']);
  world.hear(1, { id: 'id-1', text: 'hello', data: { name: 'ada' } });
  world.frame();
  expect(world.fates).toEqual([]);
  expect(world.store.view().lines[0]).toMatchObject({ text: 'hello', name: 'ada' });
});

test('the room may show a line before it is confirmed', async () => {
  void world.store.say('hello', ada);
  world.hear(1, { id: 'id-1', text: 'hello' });
  world.sendings[0]?.resolve(1);
  await settled();
  world.frame();
  expect(world.fates).toEqual([]);
  expect(world.shown).toHaveLength(1);
});

test('a confirmed line that is skipped does not stay for ever', async () => {
  void world.store.say('first', ada);
  void world.store.say('second', ada);
  world.sendings[0]?.resolve(5);
  world.sendings[1]?.resolve(9);
  await settled();
  world.listeners.gap?.({ lost: 6, from: 1, to: 6 });
  world.frame();
  expect(world.fates).toEqual(['second sent']);
  expect(world.shown).toEqual(['gap']);
  world.listeners.gap?.({ lost: undefined });
  world.frame();
  expect(world.fates).toEqual([]);
});

test('a refused line says why until it is dismissed', async () => {
  void world.store.say('far too long', ada);
  world.sendings[0]?.reject(new SpillwayError({ code: 'message_too_long', message: '…' }));
  await settled();
  world.frame();
  const [line] = world.store.view().own;
  expect(line?.fate).toEqual({ is: 'refused', why: 'it is too long' });
  world.store.dismiss('id-1');
  world.frame();
  expect(world.fates).toEqual([]);
});

test('patience that is asked for is shown until a line goes through', async () => {
  void world.store.say('hello', ada);
  const error = { code: 'rate_limited', message: '…', retryAfterMs: 1200 };
  world.listeners.error?.(new SpillwayError(error));
  world.frame();
  expect(world.store.view().hold).toEqual({ code: 'rate_limited', untilMs: 2200, seconds: 2 });
  world.sendings[0]?.resolve(1);
  await settled();
  world.frame();
  expect(world.store.view().hold).toBeUndefined();
  world.listeners.error?.(new SpillwayError({ code: 'unknown_type', message: '…' }));
  world.frame();
  expect(world.store.view().hold).toBeUndefined();
});

test('a pause is seen at once, without a frame', () => {
  world.hear(1);
  world.frame();
  world.store.pause();
  expect(world.store.view().isPaused).toBe(true);
  world.hear(2);
  world.frame();
  expect(world.store.view()).toMatchObject({ isPaused: true, unseen: 1 });
  world.store.showMore();
  expect(world.shown).toHaveLength(2);
  world.store.follow();
  expect(world.store.view().isPaused).toBe(false);
});

test('who leaves closes the room, and says nothing any more', async () => {
  world.stop();
  expect(world.isClosed).toBe(true);
  await world.store.say('too late', ada);
  world.frame();
  expect(world.fates).toEqual(['too late refused']);
});
