// A fleet that keeps the protocol, in virtual time: servers that learn of messages one after the
// other, lose their connections, refuse, move viewers and die. It knows what was really said.
import type { ServerMessage } from '../wire.ts';
import type { Clock } from './clock.ts';

export interface Logged {
  readonly seq: number;
  readonly id: string;
}

export interface Chances {
  /** Of a line: that it is refused for now, or logged and not answered before the connection ends. */
  readonly refuse: number;
  readonly loseAck: number;
}

/** What the other end of a connection is told. */
export interface Peer {
  readonly opened: () => void;
  readonly heard: (messages: readonly ServerMessage[]) => void;
  readonly lost: (code: number) => void;
}

interface Connection {
  readonly peer: Peer;
  readonly server: Server;
  /** In the room: the epoch it was told, and what it was sent last. */
  epoch: string | undefined;
  seq: number;
  /** Neither side hears the other any more, and neither knows. */
  isDead: boolean;
  isOpen: boolean;
  /** So that nothing overtakes: when what was said last arrives, there and here. */
  arrivesThere: number;
  arrivesHere: number;
}

export interface Server {
  readonly url: string;
  isUp: boolean;
  /** It has learned of messages up to here. */
  known: number;
  readonly connections: Set<Connection>;
}

type Register = { readonly since?: { readonly epoch: string; readonly seq: number } };

export class Fleet {
  readonly log: Logged[] = [];
  readonly servers: Server[];
  epoch = 'e0';
  head = 0;
  chances: Chances = { refuse: 0, loseAck: 0 };
  readonly violations: string[] = [];
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #history: number;
  /** Of epochs that are over: positions in them are good up to there. */
  readonly #lastSeqs = new Map<string, number>();

  /** `history`: so many of the newest messages are kept. */
  constructor(clock: Clock, random: () => number, servers: number, history: number) {
    this.#clock = clock;
    this.#random = random;
    this.#history = history;
    this.servers = Array.from({ length: servers }, (_, i) => ({
      url: `ws://${i}`,
      isUp: true,
      known: 0,
      connections: new Set<Connection>(),
    }));
  }

  /** The balancer's answer. */
  pick(): Server | undefined {
    const up = this.servers.filter(({ isUp }) => isUp);
    return up[Math.floor(this.#random() * up.length)];
  }

  connect(url: string, peer: Peer): Connection | undefined {
    const server = this.servers.find((one) => one.url === url && one.isUp);
    if (server === undefined) return undefined;
    const now = this.#clock.now;
    const connection: Connection = {
      peer,
      server,
      epoch: undefined,
      seq: 0,
      isDead: false,
      isOpen: true,
      arrivesThere: now,
      arrivesHere: now,
    };
    server.connections.add(connection);
    this.#travel(connection, 'arrivesThere', () => peer.opened());
    this.#say(connection, { type: 'welcome', connected_at: '', server: url });
    return connection;
  }

  /** From the client. */
  receive(connection: Connection, text: string): void {
    this.#travel(connection, 'arrivesHere', () => {
      if (!connection.server.connections.has(connection)) return; // it was closed meanwhile
      const { type, payload } = JSON.parse(text) as { type: string; payload: object };
      if (type === 'register') this.#register(connection, payload);
      else if ('id' in payload) this.#chat(connection, String(payload.id));
    });
  }

  leave(connection: Connection): void {
    connection.isOpen = false;
    connection.server.connections.delete(connection);
  }

  /** The server ends it; what was said on it before arrives. */
  close(connection: Connection, code: number): void {
    if (!connection.server.connections.delete(connection)) return;
    this.#travel(connection, 'arrivesThere', () => {
      connection.isOpen = false;
      connection.peer.lost(code);
    });
  }

  /** Without a word; what is on its way is lost. */
  cut(connection: Connection): void {
    connection.isDead = true;
    connection.server.connections.delete(connection);
    this.#clock.after(this.#random() * 50, () => {
      if (connection.isOpen) connection.peer.lost(1006);
      connection.isOpen = false;
    });
  }

  /** Half open: nobody tells the client. */
  deafen(connection: Connection): void {
    connection.isDead = true;
    connection.server.connections.delete(connection);
  }

  kill(server: Server): void {
    server.isUp = false;
    for (const connection of server.connections) this.cut(connection);
  }

  redistribute(connection: Connection, redirect: string | undefined, delayMs: number): void {
    const where = redirect === undefined ? {} : { redirect };
    this.#say(connection, { type: 'redistribute', reason: 'new-wss', ...where, delayMs });
    this.#clock.after(30_000, () => this.close(connection, 4001));
  }

  /** Redis puts it into the room's order, and the servers learn of it, each in its time. */
  publish(id: string): number {
    this.head += 1;
    this.log.push({ seq: this.head, id });
    const seq = this.head;
    for (const server of this.servers) {
      this.#clock.after(this.#random() * 40, () => this.#learn(server, seq));
    }
    return seq;
  }

  /** Redis came back as another process, with everything. */
  renewEpoch(): void {
    this.#lastSeqs.set(this.epoch, this.head);
    this.epoch = `e${this.#lastSeqs.size}`;
    for (const server of this.servers) {
      this.#clock.after(this.#random() * 40, () => {
        for (const connection of server.connections) this.#tellEpoch(connection);
      });
    }
  }

  /** Everybody gets what there is. */
  catchUp(): void {
    for (const server of this.servers) this.#learn(server, this.head);
  }

  beat(viewers: number): void {
    for (const { connections } of this.servers) {
      for (const connection of connections) this.#say(connection, { type: 'viewers', viewers });
    }
  }

  #learn(server: Server, seq: number): void {
    server.known = Math.max(server.known, seq);
    for (const connection of server.connections) this.#flush(connection);
  }

  #flush(connection: Connection): void {
    if (connection.epoch !== this.epoch) return;
    const messages: ServerMessage[] = [];
    const oldest = this.head - this.#history + 1;
    if (connection.seq + 1 < oldest && connection.server.known >= oldest) {
      messages.push({ type: 'gap', from: connection.seq + 1, to: oldest - 1 });
      connection.seq = oldest - 1;
    }
    for (const { seq, id } of this.log.slice(connection.seq, connection.server.known)) {
      messages.push({ type: 'chat', seq, id, ts: 0, message: id });
      connection.seq = seq;
    }
    if (messages.length > 0) this.#say(connection, ...messages);
  }

  #register(connection: Connection, { since }: Register): void {
    connection.epoch = undefined;
    // The room is read from Redis, which takes its time; other things are answered meanwhile.
    if (this.#random() < this.chances.refuse) {
      this.#say(connection, { type: 'error', code: 'unavailable', message: 'later' });
      return;
    }
    connection.epoch = this.epoch;
    this.#answerRegister(connection, since);
  }

  #answerRegister(connection: Connection, since: Register['since']): void {
    const oldest = Math.max(1, this.head - this.#history + 1);
    const last = since?.epoch === this.epoch ? this.head : this.#lastSeqs.get(since?.epoch ?? '');
    const isGood = since !== undefined && since.seq <= (last ?? -1) && since.seq >= oldest - 1;
    connection.seq = isGood ? since.seq : Math.max(0, oldest - 1, this.head - 50);
    this.#say(connection, {
      type: 'registered',
      chatId: 'lobby',
      epoch: this.epoch,
      seq: connection.seq,
      viewers: 1,
      ...(since === undefined ? {} : { recovered: isGood }),
    });
    this.#flush(connection);
  }

  #tellEpoch(connection: Connection): void {
    if (connection.epoch === undefined || connection.epoch === this.epoch) return;
    const since = { epoch: connection.epoch, seq: connection.seq };
    connection.epoch = this.epoch;
    this.#answerRegister(connection, since);
  }

  #chat(connection: Connection, id: string): void {
    if (connection.epoch === undefined) {
      this.violations.push(`${id} came before registered`);
      return;
    }
    if (this.#random() < this.chances.refuse) {
      const code = this.#random() < 0.5 ? 'rate_limited' : 'unavailable';
      this.#say(connection, { type: 'error', code, message: '', retryAfterMs: 30, id });
      return;
    }
    const seq = this.publish(id);
    if (this.#random() < this.chances.loseAck) {
      this.close(connection, 4003);
      return;
    }
    // Before or after the message itself.
    this.#clock.after(this.#random() * 60, () =>
      this.#say(connection, { type: 'ack', chatId: 'lobby', id, seq }),
    );
  }

  #say(connection: Connection, ...messages: ServerMessage[]): void {
    this.#travel(connection, 'arrivesThere', () => connection.peer.heard(messages));
  }

  /** In order, after a while, unless the connection is gone by then. */
  #travel(connection: Connection, way: 'arrivesThere' | 'arrivesHere', arrive: () => void): void {
    const { now } = this.#clock;
    connection[way] = Math.max(connection[way], now + 1 + this.#random() * 20);
    this.#clock.after(connection[way] - now, () => {
      if (connection.isOpen && !connection.isDead) arrive();
    });
  }
}
