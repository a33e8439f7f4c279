import { decisionsMax, parseDecision, type Decision } from './decisions.ts';
import { entries, firstReal, History } from './history.ts';
import { Room } from './room.ts';
import { Server } from './server.ts';
import { parseSettings, type Settings } from './settings.ts';
import * as wire from './wire.ts';

/** What the stream says of the whole: docs/http.md. */
export interface Totals {
  readonly rooms: History;
  readonly messagesPerS: History;
  readonly provisions: History;
  readonly settings: Settings;
  deciding: boolean;
}

/**
 * A copy of the balancer's state that is kept from its stream. Every method throws a WireError for
 * what is not as documented, and is then of no use any more: the stream is begun anew.
 */
export class Fleet {
  readonly servers = new Map<string, Server>();
  readonly rooms = new Map<string, Room>();
  readonly totals: Totals;
  /** When each entry of the histories was read, in ms since 1970. */
  readonly times: History;
  decisions: readonly Decision[];
  /** Where entries begin that were read at all. */
  first: number;

  /** The data of a `state` event. */
  constructor(value: unknown) {
    const state = wire.fields(value, 'state');
    for (const one of wire.list(state['socketServers'], 'socketServers')) {
      const server = new Server(wire.fields(one, 'a server'));
      this.servers.set(server.id, server);
    }
    for (const [name, one] of Object.entries(wire.fields(state['chatRooms'], 'chatRooms'))) {
      this.rooms.set(name, new Room(name, wire.fields(one, 'a room')));
    }
    this.decisions = wire.list(state['decisions'], 'decisions').map(parseDecision);
    const balancer = wire.fields(state['balancer'], 'balancer');
    const history = (name: string): History =>
      new History(wire.history(balancer[name], `balancer.${name}`));
    this.times = new History(wire.history(balancer['at'], 'balancer.at', wire.time));
    this.first = firstReal([this.times]);
    this.totals = {
      rooms: history('rooms'),
      messagesPerS: history('messagesPerS'),
      provisions: history('provisions'),
      deciding: wire.flag(balancer['deciding'], 'balancer.deciding'),
      settings: parseSettings(balancer['settings']),
    };
  }

  /** The data of a `change` event: a second has passed. In the order of docs/http.md. */
  change(value: unknown): void {
    const change = wire.fields(value, 'change');
    this.#takeOut(wire.fields(change['gone'], 'gone'));
    this.#changeServers(wire.list(change['socketServers'], 'socketServers'));
    this.#changeRooms(wire.fields(change['chatRooms'], 'chatRooms'));
    const decided = wire.list(change['decisions'], 'decisions');
    if (decided.length > 0) {
      this.decisions = [...this.decisions, ...decided.map(parseDecision)].slice(-decisionsMax);
    }
    this.times.push(wire.time(change['at'], 'at'));
    this.first = Math.max(0, Math.min(this.first, entries) - 1);
    this.#changeTotals(wire.fields(change['balancer'], 'balancer'));
  }

  #takeOut(gone: wire.Fields): void {
    for (const id of wire.list(gone['socketServers'], 'gone.socketServers')) {
      this.servers.delete(wire.text(id, 'gone.socketServers'));
    }
    for (const name of wire.list(gone['chatRooms'], 'gone.chatRooms')) {
      this.rooms.delete(wire.text(name, 'gone.chatRooms'));
    }
  }

  #changeServers(all: readonly unknown[]): void {
    const changes = new Map<string, wire.Fields>();
    const whole: Server[] = [];
    for (const one of all) {
      const change = wire.fields(one, 'a server');
      if (change['server'] !== undefined) whole.push(new Server(change));
      else changes.set(wire.text(change['id'], 'id'), wire.fields(change['state'], 'state'));
    }
    for (const server of whole) this.servers.delete(server.id);
    for (const [id, server] of this.servers) server.change(changes.get(id) ?? {});
    for (const server of whole) this.servers.set(server.id, server);
  }

  #changeRooms(changes: wire.Fields): void {
    for (const [name, room] of this.rooms) {
      room.change(numbersOf(wire.own(changes, name)));
    }
    for (const [name, value] of Object.entries(changes)) {
      const change = wire.fields(value, 'a room');
      if (Array.isArray(change['clients'])) this.rooms.set(name, new Room(name, change));
    }
  }

  #changeTotals(change: wire.Fields): void {
    const number = (name: string): number | undefined =>
      wire.optional(change[name], `balancer.${name}`, wire.number);
    this.totals.rooms.push(number('rooms'));
    this.totals.messagesPerS.push(number('messagesPerS'));
    this.totals.provisions.push(number('provisions'));
    this.totals.deciding =
      wire.optional(change['deciding'], 'balancer.deciding', wire.flag) ?? this.totals.deciding;
  }
}

const nothing: wire.Fields = {};

/** A room that comes whole replaces the one that is known, whatever that becomes before. */
function numbersOf(change: unknown): wire.Fields {
  if (change === undefined) return nothing;
  const fields = wire.fields(change, 'a room');
  return Array.isArray(fields['clients']) ? nothing : fields;
}
