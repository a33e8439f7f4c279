// Sockets, questions to the balancer and one timer, as the machine wants them. It decides nothing.
import { step, wakeAt } from './machine/step.ts';
import { initialState } from './machine/state.ts';
import type { Event, LinkAction, RoomAction, Settings, State } from './machine/state.ts';
import type { Platform, WebSocketLike } from './platform.ts';
import { parseProvisioned, parseServerMessages } from './wire.ts';

/** Of this side for an end that was no close. */
const abnormal = 1006;
/** In the range that means: do not come back. */
const badRequest = 4500;

/** A question to the balancer, or a socket. */
type Holder = AbortController | WebSocketLike;

/** One room's connections. `perform` gets what is for the room, in order, never within itself. */
export class Driver {
  readonly #platform: Platform;
  readonly #perform: (action: RoomAction) => void;
  readonly #holders = new Map<number, Holder>();
  readonly #events: Event[] = [];
  #state: State;
  #isRunning = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Infinity;

  constructor(settings: Settings, platform: Platform, perform: (action: RoomAction) => void) {
    this.#state = initialState(settings);
    this.#platform = platform;
    this.#perform = perform;
  }

  get state(): State {
    return this.#state;
  }

  /** A listener may do something that is an event again: it comes after all of this one. */
  dispatch(event: Event): void {
    this.#events.push(event);
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        const { state, actions } = step(this.#state, next, performance.now(), Math.random);
        this.#state = state;
        for (const action of actions) this.#do(action);
      }
    } finally {
      this.#isRunning = false;
    }
    this.#arm();
  }

  #do(action: LinkAction | RoomAction): void {
    switch (action.do) {
      case 'find':
        void this.#find(action.link);
        return;
      case 'connect':
        return this.#connect(action.link, action.url);
      case 'transmit':
        return this.#transmit(action.link, action.text);
      case 'disconnect':
        return this.#disconnect(action.link);
      default:
        this.#perform(action);
    }
  }

  async #find(link: number): Promise<void> {
    const { fetch, balancer } = this.#platform;
    const room = encodeURIComponent(this.#state.settings.room);
    const abort = new AbortController();
    this.#holders.set(link, abort);
    let url: string | undefined;
    let reason = 'the balancer gave no server';
    let code = abnormal;
    try {
      const answer = await fetch(`${balancer}/servers/provision?room=${room}`, abort);
      if (answer.ok) url = parseProvisioned(await answer.json());
      // It never has one for a room whose name is none.
      if (answer.status === 400) code = badRequest;
      reason += ` (${answer.status})`;
    } catch (error) {
      reason += `: ${String(error)}`;
    }
    if (url === undefined) this.#lost(link, code, reason);
    else this.dispatch({ type: 'found', link, url });
  }

  #connect(link: number, url: string): void {
    const { WebSocket, protocols } = this.#platform;
    let socket: WebSocketLike;
    try {
      socket = new WebSocket(url, protocols);
    } catch (error) {
      return this.#lost(link, abnormal, String(error));
    }
    this.#holders.set(link, socket);
    socket.addEventListener('open', () => this.dispatch({ type: 'opened', link }));
    socket.addEventListener('message', ({ data }) => this.#heard(link, data));
    socket.addEventListener('close', ({ code = abnormal, reason = '' }) =>
      this.#lost(link, code, reason || `the connection was closed (${code})`),
    );
    // `close` follows and says as much; but in Node an error that nobody hears ends the process.
    socket.addEventListener('error', () => {});
  }

  #heard(link: number, data: unknown): void {
    const messages = parseServerMessages(data);
    if (messages !== undefined) return this.dispatch({ type: 'heard', link, messages });
    // What it was meant to say is not known: it is asked for again from the last position on.
    this.#disconnect(link);
    this.#lost(link, abnormal, 'the server said something that is no message');
  }

  #lost(link: number, code: number, reason: string): void {
    this.#holders.delete(link);
    this.dispatch({ type: 'lost', link, code, reason });
  }

  #transmit(link: number, text: string): void {
    const holder = this.#holders.get(link);
    // A socket that is closing drops what it is given, and says so when it is closed.
    if (holder !== undefined && 'send' in holder) holder.send(text);
  }

  #disconnect(link: number): void {
    const holder = this.#holders.get(link);
    this.#holders.delete(link);
    if (holder === undefined) return;
    if ('send' in holder) holder.close(1000);
    else holder.abort();
  }

  /** One timer for the next of all times. None is far: there is a connection or an attempt. */
  #arm(): void {
    const at = wakeAt(this.#state);
    if (at >= this.#timerAt && at !== Infinity) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    if (at === Infinity) return;
    this.#timer = setTimeout(
      () => {
        this.#timerAt = Infinity;
        this.dispatch({ type: 'tick' });
      },
      Math.max(0, at - performance.now()),
    );
  }
}
