// A viewer as the protocol wants one, and a record of all that it saw: it outlives its connections,
// comes back with a position and a random delay, follows `redistribute`, and repeats what it may.
import { setTimeout as delay } from 'node:timers/promises';
import type { Position, Redistribute, ServerMessage } from '../integration/harness/messages.ts';
import { Viewer } from '../integration/harness/viewer.ts';
import { Changes, scaled } from '../integration/harness/wait.ts';
import { answerLimitMs, type Guest, type GuestOptions, type Line } from './guest.ts';
import type { Viewing } from './history.ts';
import { positionAfter } from './position.ts';
import { Stay, type End } from './stay.ts';

const backoffBaseMs = 250;
/** The protocol says 30 s; a round has no time for that. */
const backoffCapMs = 1000;
/** A client may give up on a connection at any time; these do before the round is over. */
const patienceMs = 3000;
const retryMs = 200;

export class Fan implements Guest {
  readonly lines: Line[] = [];
  /** So short that it never counts. */
  readonly waitsMs = 0;
  readonly name: string;
  room: string;
  readonly #options: GuestOptions;
  readonly #stays: Stay[] = [];
  readonly #troubles: string[] = [];
  /** The room of each line, by its id. */
  readonly #said = new Map<string, string>();
  /** By room; it comes back to one where it was. */
  readonly #positions = new Map<string, Position>();
  readonly #unanswered = new Map<string, Line>();
  /** On which stay a line waits for its answer; a refused one waits for its next try. */
  readonly #inFlight = new Map<string, Stay>();
  readonly #changes = new Changes();
  #current: Stay | undefined;
  #old: Stay | undefined;
  #stopped = false;
  #life: Promise<void> | undefined;

  constructor(options: GuestOptions) {
    this.#options = options;
    this.name = options.name;
    this.room = options.room;
  }

  start(): void {
    this.#life = this.#live().catch((error: unknown) => {
      this.#troubles.push(`its own code failed: ${String(error)}`);
    });
  }

  get unanswered(): number {
    return this.#unanswered.size;
  }

  get position(): Position | undefined {
    return this.#positions.get(this.room);
  }

  get isSettled(): boolean {
    return this.#current?.isIn === true && this.#old === undefined;
  }

  get connections(): number {
    return this.#stays.length;
  }

  get seen(): number {
    return this.#stays.reduce((sum, { viewer }) => sum + viewer.chats.length, 0);
  }

  async until(condition: () => boolean, limitMs: number): Promise<void> {
    await this.#changes.until(condition, () => `${condition}; ${this.describe()}`, limitMs);
  }

  say(id: string, text: string): void {
    const line: Line = { viewer: this.name, room: this.room, id, text, tries: [] };
    this.lines.push(line);
    this.#said.set(id, this.room);
    this.#unanswered.set(id, line);
    // During a hand-over new lines wait: they would overtake those sent to the old server.
    if (this.#old === undefined) this.#send(line);
  }

  hop(): void {
    this.#current?.viewer.terminate();
  }

  async sleep(forMs: number): Promise<void> {
    const stay = this.#current;
    stay?.viewer.pause();
    await delay(forMs);
    if (stay?.viewer.closed === undefined) stay?.viewer.resume();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const stay of this.#stays) stay.leave();
    this.#changes.changed();
    await this.#life;
    await Promise.all(this.#stays.map((stay) => stay.gone));
  }

  /**
   * To another room on the same connection. Not while lines are unanswered: should the connection
   * break, they could be repeated only in the room that was left.
   */
  move(room: string): void {
    if (room === this.room || !this.isSettled || this.#unanswered.size > 0) return;
    this.room = room;
    this.#ask(this.#current);
  }

  viewings(): Viewing[] {
    const visits = this.#stays.flatMap((stay) => stay.visits(this.name));
    const troubles = [...this.#troubles, ...this.#stays.flatMap((stay) => stay.troubles)];
    const rooms = new Set([this.room, ...visits.map(({ room }) => room)]);
    return [...rooms].map((room) => ({
      name: this.name,
      room,
      visits: visits.filter((visit) => visit.room === room),
      said: this.lines.filter((line) => line.room === room),
      position: this.#positions.get(room),
      left: room !== this.room,
      troubles: room === this.room ? troubles : [],
    }));
  }

  describe(): string {
    const stays = this.#stays.map((stay) => stay.viewer.describe().slice(0, 600)).join('\n  ');
    return `${this.name} at ${JSON.stringify(this.position)}, ${this.unanswered} unanswered\n  ${stays}`;
  }

  async #live(): Promise<void> {
    let told: string | undefined;
    for (let failures = 0; !this.#stopped;) {
      const url = told ?? (await this.#options.pick(this.room).catch(() => undefined));
      told = undefined;
      const stay = url === undefined ? undefined : await this.#arrive(url);
      if (stay === undefined) {
        await this.#backOff(failures);
        failures += 1;
        continue;
      }
      failures = 0;
      await this.#leaveOld(stay);
      const end = await this.#endOf(stay);
      if (end !== undefined && !this.#stopped) told = await this.#follow(stay, end);
      else await this.#backOff(0);
    }
  }

  /** Full jitter: viewers of one server that ended must not come back in step. */
  async #backOff(failures: number): Promise<void> {
    const bound = Math.min(backoffCapMs, backoffBaseMs * 2 ** failures);
    if (!this.#stopped) await delay(this.#options.random.unit() * bound);
  }

  /** undefined: that server did not let it in, or not in time. */
  async #arrive(url: string): Promise<Stay | undefined> {
    const { batch, route, random } = this.#options;
    let viewer: Viewer;
    try {
      viewer = await Viewer.open(route(url), { batch, openLimitMs: patienceMs });
    } catch {
      return undefined;
    }
    const stay = new Stay(viewer, url, this.#stays.length);
    this.#stays.push(stay);
    stay.hear({
      roomOf: (id) => this.#said.get(id),
      heard: (message) => this.#hear(stay, message),
      changed: () => this.#changes.changed(),
    });
    this.#ask(stay);
    const isIn = (): boolean => stay.isIn || this.#stopped;
    const patience = scaled(patienceMs * (1 + random.unit()));
    const gone = (): boolean => viewer.closed !== undefined;
    await this.#changes.until(isIn, () => 'registered', patience, gone).catch(() => {});
    if (stay.isIn && viewer.closed === undefined) return stay;
    viewer.terminate();
    return undefined;
  }

  /** The room, from where it was there. Who waits too long for the answer hangs up. */
  #ask(stay: Stay | undefined): void {
    if (stay === undefined) return;
    stay.register(this.room, this.position, this.#options.random.between(0, 50));
    const hangUp = (): void => {
      if (!stay.isIn) stay.viewer.terminate();
    };
    setTimeout(hangUp, scaled(2 * patienceMs)).unref();
  }

  /** Stays until those lines that were sent there are answered; then all that is open goes here. */
  async #leaveOld(here: Stay): Promise<void> {
    const old = this.#old;
    this.#current = here;
    if (old !== undefined) {
      const over = (): boolean =>
        this.#stopped ||
        old.viewer.closed !== undefined ||
        here.viewer.closed !== undefined ||
        ![...this.#inFlight.values()].includes(old);
      await this.#changes.until(over, () => 'answers', answerLimitMs).catch(() => {});
      old.leave();
      this.#old = undefined;
    }
    for (const line of this.#unanswered.values()) this.#send(line);
    this.#changes.changed();
  }

  /** Resolves when the connection ends (undefined) or the server wants it to go. */
  async #endOf(stay: Stay): Promise<Redistribute['payload'] | undefined> {
    const ended = (): boolean => stay.end !== undefined || this.#stopped;
    while (!ended()) await this.#changes.until(ended, () => 'the end', 60_000).catch(() => {});
    const end: End | undefined = stay.end;
    if (end !== undefined && end !== 'closed') return end;
    this.#current = undefined;
    return undefined;
  }

  async #follow(stay: Stay, told: Redistribute['payload']): Promise<string | undefined> {
    this.#old = stay;
    await delay(told.delayMs);
    return told.redirect;
  }

  #send(line: Line): void {
    const stay = this.#current;
    if (stay === undefined || stay.viewer.closed !== undefined) return;
    line.tries.push({ connection: stay.index, at: Date.now() });
    this.#inFlight.set(line.id, stay);
    stay.viewer.chat(line.text, { id: line.id });
    setTimeout(() => this.#expectAnswer(line, stay), scaled(answerLimitMs) + 5000).unref();
  }

  #expectAnswer(line: Line, stay: Stay): void {
    const isOpen = this.#inFlight.get(line.id) === stay && stay.viewer.closed === undefined;
    if (isOpen) this.#troubles.push(`no answer to ${line.id} in time`);
  }

  #hear(stay: Stay, message: ServerMessage): void {
    const room = stay.room ?? this.room;
    const position = positionAfter(this.#positions.get(room), stay.epoch, message);
    if (position !== undefined) this.#positions.set(room, position);
    if (message.type === 'ack') {
      this.#unanswered.delete(message.payload.id);
      this.#inFlight.delete(message.payload.id);
    }
    if (message.type === 'error') this.#refused(stay, message.payload);
  }

  #refused(stay: Stay, error: Viewer['errors'][number]): void {
    const line = error.id === undefined ? undefined : this.#unanswered.get(error.id);
    if (error.id !== undefined) this.#inFlight.delete(error.id);
    if (error.code !== 'unavailable') this.#troubles.push(`error ${JSON.stringify(error)}`);
    const again = (): void => {
      if (this.#current !== stay || this.#old !== undefined) return;
      if (line === undefined) this.#ask(stay);
      else if (!this.#inFlight.has(line.id)) this.#send(line);
    };
    setTimeout(again, error.retryAfterMs ?? retryMs).unref();
  }
}
