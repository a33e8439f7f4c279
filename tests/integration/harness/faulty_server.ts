// A chat server of a few lines that does wrong on purpose, and knows exactly what it did.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

export interface Faults {
  /** Of every so many deliveries one is left out, said twice, or comes after the next one. */
  readonly drop?: number;
  readonly double?: number;
  readonly swap?: number;
  /** Of every so many chats one is answered by an error. */
  readonly refuse?: number;
  /** Neither `registered` nor `ack` nor `seq`, as a server of the plain protocol may be. */
  readonly plain?: boolean;
}

interface Member {
  readonly socket: WebSocket;
  /** Held back until the next one has gone. */
  held: string | undefined;
}

interface Room {
  seq: number;
  readonly members: Set<Member>;
}

interface ClientMessage {
  readonly type: string;
  readonly payload: { readonly chatId?: string; readonly message?: string; readonly id?: string };
}

export class FaultyServer {
  deliveries = 0;
  dropped = 0;
  doubled = 0;
  swapped = 0;
  refused = 0;
  readonly #faults: Faults;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #rooms = new Map<string, Room>();
  #turn = 0;
  #chats = 0;

  private constructor(faults: Faults) {
    this.#faults = faults;
    this.#http = createServer();
    this.#sockets = new WebSocketServer({ server: this.#http });
    this.#sockets.on('connection', (socket) => this.#serve(socket));
  }

  static async start(faults: Faults = {}): Promise<FaultyServer> {
    const server = new FaultyServer(faults);
    await new Promise<void>((resolve) => server.#http.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #serve(socket: WebSocket): void {
    const member: Member = { socket, held: undefined };
    let room: Room | undefined;
    socket.on('error', () => {});
    socket.on('close', () => room?.members.delete(member));
    socket.on('message', (data: Buffer) => {
      const { type, payload } = JSON.parse(data.toString()) as ClientMessage;
      if (type === 'register') {
        room?.members.delete(member);
        room = this.#enter(member, payload.chatId ?? '');
      } else if (type === 'chat' && room !== undefined) {
        this.#chat(room, member, payload.message ?? '', payload.id);
      }
    });
  }

  #enter(member: Member, chatId: string): Room {
    const room = this.#rooms.get(chatId) ?? { seq: 0, members: new Set() };
    this.#rooms.set(chatId, room);
    room.members.add(member);
    if (this.#faults.plain !== true) {
      const payload = { chatId, epoch: 'e', seq: room.seq, viewers: room.members.size };
      member.socket.send(JSON.stringify({ type: 'registered', payload }));
    }
    return room;
  }

  #chat(room: Room, speaker: Member, message: string, id: string | undefined): void {
    this.#chats += 1;
    if (this.#faults.refuse !== undefined && this.#chats % this.#faults.refuse === 0) {
      this.refused += 1;
      const payload = { code: 'rate_limited', message: 'slow down', id };
      speaker.socket.send(JSON.stringify({ type: 'error', payload }));
      return;
    }
    room.seq += 1;
    const plain = this.#faults.plain === true;
    const text = JSON.stringify(
      plain ? { type: 'chat', message } : { type: 'chat', seq: room.seq, id, ts: 0, message },
    );
    for (const member of room.members) this.#deliver(member, text);
    if (plain || id === undefined) return;
    const payload = { chatId: 'chat-room-1', id, seq: room.seq };
    speaker.socket.send(JSON.stringify({ type: 'ack', payload }));
  }

  #deliver(member: Member, text: string): void {
    this.#turn += 1;
    const { drop, double, swap } = this.#faults;
    const due = (every: number | undefined): boolean =>
      every !== undefined && this.#turn % every === 0;
    if (due(drop)) {
      this.dropped += 1;
      return;
    }
    if (member.held === undefined && due(swap)) {
      member.held = text;
      return;
    }
    this.#send(member, text);
    if (member.held !== undefined) {
      this.swapped += 1;
      this.#send(member, member.held);
      member.held = undefined;
    }
    if (due(double)) {
      this.doubled += 1;
      member.socket.send(text);
    }
  }

  #send(member: Member, text: string): void {
    this.deliveries += 1;
    member.socket.send(text);
  }

  /** What is still held back goes out, so that nothing is lost by that. */
  release(): void {
    for (const room of this.#rooms.values()) {
      for (const member of room.members) {
        if (member.held === undefined) continue;
        this.#send(member, member.held);
        member.held = undefined;
      }
    }
  }
}
