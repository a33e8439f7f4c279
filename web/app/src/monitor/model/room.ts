import { entries } from './history.ts';
import { rateSeconds } from './rates.ts';
import * as wire from './wire.ts';

/** What a rate needs; there may be ten thousand rooms. */
const kept = rateSeconds + 1;

/** The last few values of a counter. */
class Counter {
  readonly #values = new Float64Array(kept);

  constructor(values: readonly number[]) {
    this.#values.set(values.slice(-kept));
  }

  push(value: number | undefined): void {
    const next = value ?? this.#values[kept - 1] ?? 0;
    this.#values.copyWithin(0, 1);
    this.#values[kept - 1] = next;
  }

  /** Per second over the newest `known` values, whose times are `times`; as `rateAt`. */
  rate(times: Float64Array, known: number): number | null {
    const at = (back: number): number => this.#values[kept - 1 - back] ?? 0;
    const time = (back: number): number => times[times.length - 1 - back] ?? 0;
    let back = 0;
    while (back + 1 < Math.min(known, kept) && at(back + 1) <= at(back)) back += 1;
    const seconds = (time(0) - time(back)) / 1000;
    return seconds > 0 ? (at(0) - at(back)) / seconds : null;
  }
}

/** One room over all servers; changed in place, once a second. */
export class Room {
  readonly name: string;
  viewers: number;
  readonly #messages: Counter;
  readonly #deliveries: Counter;
  #known: number;

  /** A value of `chatRooms` whose `clients` is a list. */
  constructor(name: string, value: wire.Fields) {
    this.name = name;
    const clients = wire.history(value['clients'], 'room.clients');
    const messages = wire.history(value['cumulativeMessages'], 'room.cumulativeMessages');
    const deliveries = wire.history(value['cumulativeSocketWrites'], 'room.cumulativeSocketWrites');
    this.viewers = clients.at(-1) ?? 0;
    this.#messages = new Counter(messages);
    this.#deliveries = new Counter(deliveries);
    this.#known = Math.min(kept, realEntries([clients, messages, deliveries]));
  }

  change(value: wire.Fields): void {
    this.viewers = wire.optional(value['clients'], 'room.clients', wire.number) ?? this.viewers;
    this.#messages.push(
      wire.optional(value['cumulativeMessages'], 'room.cumulativeMessages', wire.number),
    );
    this.#deliveries.push(
      wire.optional(value['cumulativeSocketWrites'], 'room.cumulativeSocketWrites', wire.number),
    );
    this.#known = Math.min(kept, this.#known + 1);
  }

  messagesPerS(times: Float64Array): number | null {
    return this.#messages.rate(times, this.#known);
  }

  deliveriesPerS(times: Float64Array): number | null {
    return this.#deliveries.rate(times, this.#known);
  }
}

/** Entries from the first on at which anything is not 0. */
function realEntries(histories: readonly (readonly number[])[]): number {
  const first = Math.min(
    ...histories.map((values) => values.findIndex((value) => value !== 0)).filter((at) => at >= 0),
  );
  return Number.isFinite(first) ? entries - first : 0;
}
