// The machine with a clock of its own: what happens goes in, what it wants done is looked at.
import { expect } from 'vitest';
import {
  initialState,
  type Action,
  type Event,
  type RoomState,
  type Settings,
  type State,
} from '../machine/state.ts';
import { step, wakeAt } from '../machine/step.ts';
import type { Position, ServerMessage } from '../wire.ts';

export type Done<Kind extends Action['do']> = Extract<Action, { readonly do: Kind }>;

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
}

export interface LifeOptions extends Partial<Settings> {
  readonly random?: () => number;
}

export class Life {
  state: State;
  now = 1000;
  /** What the last step wanted. */
  last: readonly Action[] = [];
  /** What all steps wanted. */
  readonly done: Action[] = [];
  readonly shown: RoomState[] = [];
  random: () => number;

  constructor(options: LifeOptions = {}) {
    const { random = () => 0.5, ...settings } = options;
    this.random = random;
    this.state = initialState({
      room: 'lobby',
      server: '',
      history: undefined,
      queueMax: 10,
      ...settings,
    });
  }

  /** A frozen state goes in: a step that changed it in place would throw. */
  happen(event: Event): readonly Action[] {
    deepFreeze(this.state);
    const { state, actions } = step(this.state, event, this.now, this.random);
    this.state = state;
    this.last = actions;
    this.done.push(...actions);
    this.shown.push(...this.of('show').map((action) => action.state));
    expect(state.next === undefined || state.old === undefined, 'three connections').toBe(true);
    expect(state.sentOn === 0 || state.lines.length > 0, 'sent nothing').toBe(true);
    expect(state.retryAt === Infinity || state.main === undefined, 'retries twice').toBe(true);
    return actions;
  }

  /** Of the last step. */
  of<Kind extends Action['do']>(kind: Kind): Done<Kind>[] {
    return this.last.filter((action): action is Done<Kind> => action.do === kind);
  }

  /** Of all steps. */
  everyOf<Kind extends Action['do']>(kind: Kind): Done<Kind>[] {
    return this.done.filter((action): action is Done<Kind> => action.do === kind);
  }

  /** The clock goes on, with each tick that is due on the way; the actions of all of them. */
  pass(ms: number): readonly Action[] {
    const end = this.now + ms;
    const all: Action[] = [];
    for (let at = wakeAt(this.state); at <= end; at = wakeAt(this.state)) {
      this.now = Math.max(this.now, at);
      all.push(...this.happen({ type: 'tick' }));
      expect(wakeAt(this.state), 'a tick that is due again at once').toBeGreaterThan(this.now);
    }
    this.now = end;
    this.last = all;
    return all;
  }

  /** The clock goes on to the next tick. */
  wake(): readonly Action[] {
    this.now = Math.max(this.now, wakeAt(this.state));
    return this.happen({ type: 'tick' });
  }

  send(id: string): readonly Action[] {
    return this.happen({ type: 'send', id, text: `text of ${id}` });
  }

  hear(link: number, ...messages: ServerMessage[]): readonly Action[] {
    return this.happen({ type: 'heard', link, messages });
  }

  lose(link: number, code = 1006, reason = 'gone'): readonly Action[] {
    return this.happen({ type: 'lost', link, code, reason });
  }

  /** The newest connection comes about and registers; what it says of the position is `registered`. */
  arrive(link: number, url: string, ...answers: ServerMessage[]): void {
    if (this.state.settings.server === '') this.happen({ type: 'found', link, url });
    this.happen({ type: 'opened', link });
    if (answers.length > 0) this.hear(link, ...answers);
  }

  /** In the room at (e, 10) over connection 1, at ws://a. */
  static joined(options: LifeOptions = {}): Life {
    const life = new Life(options);
    life.happen({ type: 'start' });
    life.arrive(1, 'ws://a', registered(10));
    return life;
  }

  /** In a hand-over to ws://b: connection 2 is on its way, and opened. */
  static moving(options: LifeOptions = {}): Life {
    const life = Life.joined(options);
    life.hear(1, redistribute('ws://b', 100));
    life.pass(100);
    life.happen({ type: 'opened', link: 2 });
    return life;
  }

  get texts(): string[] {
    return this.everyOf('deliver').map((action) => action.chat.message);
  }

  /** Of the lines that went out on a connection, in the order in which they did. */
  sentOn(link: number): string[] {
    return this.everyOf('transmit')
      .filter((action) => action.link === link && action.text.startsWith('text of '))
      .map(({ text }) => text.slice('text of '.length));
  }

  /** The positions that a connection was registered with. */
  sinceOn(link: number): (Position | undefined)[] {
    return this.everyOf('transmit')
      .filter((action) => action.link === link && !action.text.startsWith('text of '))
      .map(({ text }) => (JSON.parse(text) as { payload: { since?: Position } }).payload.since);
  }
}

export function registered(
  seq: number,
  options: { readonly epoch?: string; readonly recovered?: boolean } = {},
): ServerMessage {
  const { epoch = 'e', ...verdict } = options;
  return { type: 'registered', chatId: 'lobby', epoch, seq, viewers: 1, ...verdict };
}

export function chat(seq: number, id?: string): ServerMessage {
  const name = id === undefined ? {} : { id };
  return { type: 'chat', seq, ...name, ts: 0, message: `m${seq}` };
}

export function chats(from: number, to: number): ServerMessage[] {
  return Array.from({ length: to - from + 1 }, (_, i) => chat(from + i));
}

export function ack(id: string, seq = 1): ServerMessage {
  return { type: 'ack', chatId: 'lobby', id, seq };
}

export function refusal(
  code: string,
  options: { readonly id?: string; readonly retryAfterMs?: number } = {},
): ServerMessage {
  return { type: 'error', code, message: `because of ${code}`, ...options };
}

export function redistribute(redirect: string | undefined, delayMs: number): ServerMessage {
  const where = redirect === undefined ? {} : { redirect };
  return { type: 'redistribute', reason: 'new-wss', ...where, delayMs };
}
