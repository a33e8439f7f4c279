import { entries, firstReal, History } from './history.ts';
import * as wire from './wire.ts';

const counters = ['clients', 'socketWrites', 'timeouts', 'fanouts', 'busy', 'flushes'] as const;
type HistoryName = (typeof counters)[number];

/** One chat server as the balancer tells of it; changed in place, once a second. */
export class Server {
  readonly id: string;
  readonly url: string;
  readonly histories: Readonly<Record<HistoryName, History>>;
  readonly rooms = new Map<string, number>();
  status: wire.ServerStatus;
  rss: number;
  heapUsed: number;
  /** Where real entries begin; `entries`: nowhere yet. */
  first: number;

  /** An element of `socketServers` that has `server`. */
  constructor(value: wire.Fields) {
    const server = wire.fields(value['server'], 'server');
    const state = wire.fields(value['state'], 'state');
    this.id = wire.text(server['id'], 'server.id');
    this.url = wire.text(server['url'], 'server.url');
    const history = (name: HistoryName): History =>
      new History(wire.history(state[name], `state.${name}`));
    this.histories = {
      clients: history('clients'),
      socketWrites: history('socketWrites'),
      timeouts: history('timeouts'),
      fanouts: history('fanouts'),
      busy: history('busy'),
      flushes: history('flushes'),
    };
    this.first = firstReal(Object.values(this.histories));
    const memory = wire.fields(state['memory'], 'state.memory');
    this.rss = wire.number(memory['rss'], 'memory.rss');
    this.heapUsed = wire.number(memory['heapUsed'], 'memory.heapUsed');
    this.status = wire.status(state['status'], 'state.status');
    this.#takeRooms(state['chatRooms'] ?? {});
  }

  /** A second has passed; what is not in `state` is as it was. */
  change(state: wire.Fields): void {
    for (const name of counters) {
      this.histories[name].push(wire.optional(state[name], `state.${name}`, wire.number));
    }
    // A server that was announced and not read yet has said nothing so far.
    const said = counters.some((name) => this.histories[name].latest !== 0);
    if (this.first < entries || said) this.first = Math.max(0, this.first - 1);
    const memory = wire.fields(state['memory'] ?? {}, 'state.memory');
    this.rss = wire.optional(memory['rss'], 'memory.rss', wire.number) ?? this.rss;
    this.heapUsed =
      wire.optional(memory['heapUsed'], 'memory.heapUsed', wire.number) ?? this.heapUsed;
    this.status = wire.optional(state['status'], 'state.status', wire.status) ?? this.status;
    this.#takeRooms(state['chatRooms'] ?? {});
  }

  #takeRooms(value: unknown): void {
    for (const [name, viewers] of Object.entries(wire.fields(value, 'state.chatRooms'))) {
      if (viewers === 0) this.rooms.delete(name);
      else this.rooms.set(name, wire.number(viewers, 'viewers of a room'));
    }
  }
}
