// A viewer of the fleet: the machine, driven in virtual time, and a record of what it was told.
import type { Action, Event } from '../machine/state.ts';
import { wakeAt } from '../machine/step.ts';
import { RecentIds } from '../recent_ids.ts';
import { encodeChat } from '../wire.ts';
import type { Clock } from './clock.ts';
import type { Fleet } from './fleet.ts';
import { Life } from './life.ts';

type Connection = NonNullable<ReturnType<Fleet['connect']>>;

export class SimulatedViewer {
  /** What was delivered, repeats too, and what was shown of it. */
  readonly seqs: number[] = [];
  readonly ids: string[] = [];
  /** Ranges that it was told are lost; of unknown size: none. */
  readonly skipped: { readonly from: number; readonly to: number }[] = [];
  unknownLosses = 0;
  readonly sent: string[] = [];
  readonly resolved: string[] = [];
  readonly rejected: string[] = [];
  readonly connections = new Map<number, Connection>();
  handovers = 0;
  firstSeq: number | undefined;
  readonly #life: Life;
  readonly #fleet: Fleet;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #recent = new RecentIds();
  #armedAt = Infinity;

  constructor(fleet: Fleet, clock: Clock, random: () => number) {
    this.#fleet = fleet;
    this.#clock = clock;
    this.#random = random;
    this.#life = new Life({ random, queueMax: 1000 });
    this.#happen({ type: 'start' });
  }

  get position(): { readonly epoch: string; readonly seq: number } | undefined {
    return this.#life.state.position;
  }

  send(id: string): void {
    this.sent.push(id);
    this.#happen({ type: 'send', id, text: encodeChat(id, { id }) });
  }

  /** The connection that it is in the room by. */
  get main(): Connection | undefined {
    const { main } = this.#life.state;
    return main?.status === 'joined' ? this.connections.get(main.id) : undefined;
  }

  #happen(event: Event): void {
    this.#life.now = this.#clock.now;
    const { next } = this.#life.state;
    const actions = this.#life.happen(event);
    if (next !== undefined && this.#life.state.main?.id === next.id) this.handovers += 1;
    for (const action of actions) this.#do(action);
    this.#arm();
  }

  /** As the driver does: one that is early finds nothing to do. */
  #arm(): void {
    const at = wakeAt(this.#life.state);
    if (at === Infinity || at >= this.#armedAt) return;
    this.#armedAt = at;
    this.#clock.after(Math.max(0, at - this.#clock.now), () => {
      if (this.#armedAt !== at) return;
      this.#armedAt = Infinity;
      this.#happen({ type: 'tick' });
    });
  }

  #do(action: Action): void {
    switch (action.do) {
      case 'find':
        return this.#find(action.link);
      case 'connect':
        return this.#connect(action.link, action.url);
      case 'transmit': {
        const connection = this.connections.get(action.link);
        if (connection !== undefined) this.#fleet.receive(connection, action.text);
        return;
      }
      case 'disconnect': {
        const connection = this.connections.get(action.link);
        if (connection !== undefined) this.#fleet.leave(connection);
        return;
      }
      default:
        this.#note(action);
    }
  }

  #note(action: Action): void {
    if (action.do === 'deliver') {
      const { seq, id = '' } = action.chat;
      this.firstSeq ??= seq;
      this.seqs.push(seq);
      if (this.#recent.isNew(id)) this.ids.push(id);
    } else if (action.do === 'skip') {
      const { from, to } = action.skipped;
      if (from === undefined || to === undefined) this.unknownLosses += 1;
      else this.skipped.push({ from, to });
    } else if (action.do === 'resolve') {
      this.resolved.push(action.id);
    } else if (action.do === 'reject') {
      this.rejected.push(action.id);
    }
  }

  #find(link: number): void {
    this.#clock.after(this.#random() * 30, () => {
      const server = this.#fleet.pick();
      if (server === undefined) {
        this.#happen({ type: 'lost', link, code: 1006, reason: 'no server' });
      } else {
        this.#happen({ type: 'found', link, url: server.url });
      }
    });
  }

  #connect(link: number, url: string): void {
    const connection = this.#fleet.connect(url, {
      opened: () => this.#happen({ type: 'opened', link }),
      heard: (messages) => this.#happen({ type: 'heard', link, messages }),
      lost: (code) => this.#happen({ type: 'lost', link, code, reason: 'gone' }),
    });
    if (connection !== undefined) {
      this.connections.set(link, connection);
      return;
    }
    this.#clock.after(this.#random() * 30, () =>
      this.#happen({ type: 'lost', link, code: 1006, reason: 'refused' }),
    );
  }
}
