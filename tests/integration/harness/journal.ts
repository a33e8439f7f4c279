// Everything that one connection was told, in order, and whether the order kept the protocol.
import type {
  Ack,
  Chat,
  ErrorMessage,
  Gap,
  Position,
  Redistribute,
  Registered,
  ServerMessage,
  Viewers,
  Welcome,
} from './messages.ts';

export class Journal {
  readonly told: ServerMessage[] = [];
  readonly chats: Chat[] = [];
  readonly registered: Registered['payload'][] = [];
  readonly acks: Ack['payload'][] = [];
  readonly errors: ErrorMessage['payload'][] = [];
  readonly gaps: Gap['payload'][] = [];
  readonly viewerCounts: Viewers['payload'][] = [];
  readonly redistributes: Redistribute['payload'][] = [];
  welcome: Welcome | undefined;
  position: Position | undefined;
  /** What no server may do: a seq twice, left out or out of order, a message before `registered`. */
  readonly violations: string[] = [];
  #chatIds = new Map<string, Chat>();

  note(message: ServerMessage): void {
    this.told.push(message);
    switch (message.type) {
      case 'welcome':
        if (this.told.length !== 1) this.violations.push('welcome is not the first message');
        this.welcome = message;
        return;
      case 'registered':
        this.registered.push(message.payload);
        this.position = { epoch: message.payload.epoch, seq: message.payload.seq };
        return;
      case 'chat':
        this.chats.push(message);
        if (message.id !== undefined) this.#chatIds.set(message.id, message);
        this.#advance(message.seq, message.seq, 'chat');
        return;
      case 'gap':
        this.gaps.push(message.payload);
        this.#advance(message.payload.from, message.payload.to, 'gap');
        return;
      case 'ack':
        this.acks.push(message.payload);
        return;
      case 'error':
        this.errors.push(message.payload);
        return;
      case 'viewers':
        this.viewerCounts.push(message.payload);
        return;
      case 'redistribute':
        this.redistributes.push(message.payload);
    }
  }

  /** undefined: neither acknowledged nor refused yet. */
  answerTo(id: string): Ack['payload'] | ErrorMessage['payload'] | undefined {
    return this.acks.find((ack) => ack.id === id) ?? this.errors.find((error) => error.id === id);
  }

  chatWithId(id: string): Chat | undefined {
    return this.#chatIds.get(id);
  }

  get texts(): string[] {
    return this.chats.map((chat) => chat.message);
  }

  get seqs(): number[] {
    return this.chats.map((chat) => chat.seq);
  }

  summary(): string {
    const counts = `${this.chats.length} chats, ${this.acks.length} acks, ${this.gaps.length} gaps`;
    const last = JSON.stringify(this.told.slice(-5)).slice(0, 1500);
    const position = JSON.stringify(this.position);
    const violations = this.violations.join('; ');
    return `${counts}, at ${position}, errors ${JSON.stringify(this.errors.slice(-3))}, violations [${violations}], last told ${last}`;
  }

  #advance(from: number, to: number, what: string): void {
    if (this.position === undefined) {
      this.violations.push(`${what} ${from} before registered`);
      return;
    }
    const expected = this.position.seq + 1;
    if (from !== expected || to < from) {
      this.violations.push(`${what} ${from}…${to} where ${expected} comes next`);
    }
    this.position = { epoch: this.position.epoch, seq: to };
  }
}
