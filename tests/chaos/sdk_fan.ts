// A viewer by our own SDK, with its own timers and over real sockets: what it tells its page is noted
// for the judge, beside what its connections were told.
import { setTimeout as delay } from 'node:timers/promises';
import { SpillwayClient, type ResponseLike, type Room } from '../../web/sdk/src/index.ts';
import type { Position, ServerMessage } from '../integration/harness/messages.ts';
import { Changes, scaled } from '../integration/harness/wait.ts';
import { answerLimitMs, type Guest, type GuestOptions, type Line } from './guest.ts';
import type { Reported, Viewing } from './history.ts';
import { positionAfter } from './position.ts';
import { Tap, tapped } from './tap.ts';

/** No page would let so many lines wait; here none may be refused for it. */
const queueMax = 10_000;
const historyMax = 50;

export class SdkFan implements Guest {
  readonly lines: Line[] = [];
  readonly name: string;
  readonly room: string;
  readonly #options: GuestOptions;
  readonly #linesById = new Map<string, Line>();
  readonly #taps: Tap[] = [];
  readonly #report: Reported[] = [];
  readonly #troubles: string[] = [];
  readonly #changes = new Changes();
  readonly #client: SpillwayClient;
  readonly #history: number;
  #entered: Room | undefined;
  #position: Position | undefined;
  #unanswered = 0;
  #retryAt = 0;
  #stopped = false;

  constructor(options: GuestOptions) {
    this.#options = options;
    this.name = options.name;
    this.room = options.room;
    this.#history = options.random.between(0, historyMax);
    this.#client = new SpillwayClient({
      balancer: 'http://balancer',
      batch: options.batch,
      fetch: async () => this.#provision(),
      WebSocket: tapped({
        route: options.route,
        opened: (tap) => this.#taps.push(tap),
        heard: (tap, message) => this.#hear(tap, message),
        said: (tap, id) => this.#said(tap, id),
        changed: () => this.#changes.changed(),
      }),
    });
  }

  start(): void {
    const room = this.#client.join(this.room, { queueMax, history: this.#history });
    this.#entered = room;
    room.on('message', ({ data, ...message }) => {
      const hasData = Object.keys(data).length > 0;
      this.#report.push({ type: 'message', ...message, data: hasData ? data : undefined });
    });
    room.on('gap', ({ from, to }) => {
      this.#report.push({ type: 'gap', epoch: this.#position?.epoch ?? '', from, to });
    });
    room.on('state', (state) => {
      if (state.name === 'waiting') this.#retryAt = performance.now() + state.retryInMs;
      if (state.name === 'closed' && !this.#stopped) {
        this.#troubles.push(`closed for good: ${JSON.stringify(state.error)}`);
      }
      this.#changes.changed();
    });
    room.on('error', (error) => {
      if (error.code !== 'unavailable') this.#troubles.push(`error ${String(error)}`);
    });
  }

  get position(): Position | undefined {
    return this.#position;
  }

  get isSettled(): boolean {
    const open = this.#taps.filter(({ isOver }) => !isOver);
    return this.#entered?.state.name === 'joined' && open.length === 1;
  }

  get waitsMs(): number {
    const isWaiting = this.#entered?.state.name === 'waiting';
    return isWaiting ? Math.max(0, this.#retryAt - performance.now()) : 0;
  }

  get unanswered(): number {
    return this.#unanswered;
  }

  get connections(): number {
    return this.#taps.length;
  }

  get seen(): number {
    return this.#taps.reduce((sum, { journal }) => sum + journal.chats.length, 0);
  }

  async until(condition: () => boolean, limitMs: number): Promise<void> {
    await this.#changes.until(condition, () => `${condition}; ${this.describe()}`, limitMs);
  }

  say(id: string, text: string): void {
    const line: Line = { viewer: this.name, room: this.room, id, text, tries: [] };
    this.lines.push(line);
    this.#linesById.set(id, line);
    this.#unanswered += 1;
    void this.#send(line);
  }

  /** A room of the SDK is one room. */
  move(): void {}

  hop(): void {
    this.#current?.terminate();
  }

  async sleep(forMs: number): Promise<void> {
    const tap = this.#current;
    if (tap?.readyState !== Tap.OPEN) return;
    tap.pause();
    await delay(forMs);
    tap.resume();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#client.close();
    for (const tap of this.#taps) tap.resume();
    const gone = (): boolean => this.#taps.every((tap) => tap.readyState === Tap.CLOSED);
    await this.#changes.until(gone, () => 'the end', closeLimitMs).catch(() => {});
    for (const tap of this.#taps) tap.terminate();
  }

  viewings(): Viewing[] {
    const { name, room } = this;
    const visits = this.#taps.flatMap(({ segments, server, journal }, connection) =>
      segments.visits({ viewer: name, server, connection, violations: journal.violations }),
    );
    const troubles = [...this.#troubles, ...this.#taps.flatMap((tap) => tap.troubles)];
    return [
      {
        name,
        room,
        visits,
        said: this.lines,
        position: this.#position,
        left: false,
        troubles,
        report: this.#report,
      },
    ];
  }

  describe(): string {
    const taps = this.#taps.map(({ server, journal }) => `${server}: ${journal.summary()}`);
    const state = JSON.stringify(this.#entered?.state);
    return `${this.name} (SDK, ${state}) at ${JSON.stringify(this.#position)}, ${this.unanswered} unanswered\n  ${taps.map((tap) => tap.slice(0, 600)).join('\n  ')}`;
  }

  /** The newest connection that is up. */
  get #current(): Tap | undefined {
    return this.#taps.findLast(({ isOver }) => !isOver);
  }

  async #provision(): Promise<ResponseLike> {
    const url = await this.#options.pick(this.room);
    if (url === undefined) return { ok: false, status: 404, json: async () => ({}) };
    return { ok: true, status: 200, json: async () => ({ url }) };
  }

  async #send(line: Line): Promise<void> {
    try {
      const sent = await this.#entered?.send(line.text, { id: line.id });
      if (sent !== undefined) line.outcome = { resolved: sent.seq };
    } catch (error) {
      if (this.#stopped) return;
      line.outcome = { rejected: String(error) };
    }
    this.#unanswered -= 1;
    this.#changes.changed();
  }

  #said(tap: Tap, id: string): void {
    const connection = this.#taps.indexOf(tap);
    this.#linesById.get(id)?.tries.push({ connection, at: Date.now() });
    const expectAnswer = (): void => {
      const isOpen = !tap.isOver && tap.journal.answerTo(id) === undefined;
      if (isOpen && !this.#stopped) this.#troubles.push(`no answer to ${id} in time`);
    };
    setTimeout(expectAnswer, scaled(answerLimitMs) + 5000).unref();
  }

  #hear(tap: Tap, message: ServerMessage): void {
    this.#position = positionAfter(this.#position, tap.segments.epoch, message);
  }
}

const closeLimitMs = 500;
