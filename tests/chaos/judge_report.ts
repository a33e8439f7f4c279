// What the SDK told its page, held against what its connections were told: it may leave out nothing,
// show nothing twice, and invent no loss; and a promise that it kept is a line that stands.
import type { Position } from '../integration/harness/messages.ts';
import type { Book } from './book.ts';
import type { Reported, Viewing } from './history.ts';
import { idsRemembered, isRegistered, startOf } from './judge_viewing.ts';
import type { Lineage } from './lineage.ts';

const listedMax = 10;

/** Nothing is wrong with a viewer that has no SDK. */
export function judgeReport(viewing: Viewing, book: Book, lineage: Lineage): string[] {
  if (viewing.report === undefined) return [];
  const judge = new ReportJudge(viewing, viewing.report, book, lineage);
  return [...judge.judge(), ...judgePromises(viewing, book, lineage)];
}

type Message = Extract<Reported, { type: 'message' }>;

/** What the connections were told to be gone. */
interface Losses {
  /** By name of the place in the epoch in which it was said. */
  readonly places: ReadonlySet<string>;
  /** Of epochs that a viewer came to without its position: where it began there. */
  readonly begun: ReadonlyMap<string, number>;
  readonly beginnings: number;
}

class ReportJudge {
  readonly #name: string;
  readonly #viewing: Viewing;
  readonly #report: readonly Reported[];
  readonly #book: Book;
  readonly #lineage: Lineage;
  readonly #losses: Losses;
  readonly #seen = new Set<number>();
  readonly #excused = new Set<number>();
  /** When each id was last shown, in messages. */
  readonly #shown = new Map<string, number>();
  readonly #wrong: string[] = [];
  #at: Position | undefined;

  constructor(viewing: Viewing, report: readonly Reported[], book: Book, lineage: Lineage) {
    this.#name = `the SDK of ${viewing.name}`;
    this.#viewing = viewing;
    this.#report = report;
    this.#book = book;
    this.#lineage = lineage;
    this.#losses = lossesOf(viewing);
  }

  judge(): string[] {
    let [messages, beginnings] = [0, 0];
    for (const [index, told] of this.#report.entries()) {
      if (told.type === 'message') {
        messages += 1;
        this.#message(told, messages);
      } else if (told.from === undefined || told.to === undefined) {
        beginnings += 1;
        this.#beginning(index);
      } else {
        this.#gap(told.epoch, told.from, told.to);
      }
    }
    if (beginnings > this.#losses.beginnings) {
      this.#complain(
        `told ${beginnings} losses of unknown size, was told ${this.#losses.beginnings}`,
      );
    }
    this.#judgeMissing();
    return this.#wrong;
  }

  #complain(sentence: string): void {
    this.#wrong.push(`${this.#name}: ${sentence}`);
  }

  #message({ epoch, seq, id }: Message, count: number): void {
    const at = this.#at;
    if (at !== undefined && at.epoch === epoch && seq <= at.seq) {
      this.#complain(`message ${epoch}:${seq} after ${at.epoch}:${at.seq}`);
    }
    if (at !== undefined && this.#lineage.precedes(epoch, at.epoch)) {
      this.#complain(`message of ${epoch}, which is older than ${at.epoch}`);
    }
    this.#at = { epoch, seq };
    if (this.#lineage.lives(epoch, seq)) this.#seen.add(seq);
    if (id === undefined) return;
    const before = this.#shown.get(id);
    if (before !== undefined && count - before < idsRemembered) this.#complain(`shows ${id} twice`);
    this.#shown.set(id, count);
  }

  #gap(epoch: string, from: number, to: number): void {
    for (let seq = from; seq <= to; seq += 1) {
      if (!this.#losses.places.has(`${epoch}:${seq}`)) {
        this.#complain(`a gap at ${epoch}:${seq} that no server told of`);
        return;
      }
      if (!this.#lineage.lives(epoch, seq)) continue;
      if (this.#seen.has(seq)) this.#complain(`a gap at ${epoch}:${seq}, which it has shown`);
      this.#excused.add(seq);
    }
  }

  /** Of the order that begins here, what was before it began is not to be had. */
  #beginning(index: number): void {
    const next = this.#report.slice(index).find((told) => told.type === 'message');
    const epoch = next?.epoch ?? this.#lineage.epoch;
    const begun = this.#losses.begun.get(epoch) ?? 0;
    for (let seq = 1; seq <= begun; seq += 1) {
      if (this.#lineage.lives(epoch, seq)) this.#excused.add(seq);
    }
  }

  #judgeMissing(): void {
    const first = this.#viewing.visits.flatMap(({ told }) => told).find(isRegistered);
    if (first === undefined) return; // said elsewhere
    const { epoch, seq } = first.payload;
    const missing: string[] = [];
    for (let at = startOf(epoch, seq, this.#lineage) + 1; at <= this.#lineage.seq; at += 1) {
      if (this.#seen.has(at) || this.#excused.has(at)) continue;
      const place = this.#lineage.livingPlace(at);
      const id = this.#book.pages.get(place)?.id;
      // A repeat is shown once, wherever that was.
      if (id === undefined || !this.#shown.has(id)) missing.push(place);
    }
    if (missing.length === 0) return;
    const some = missing.slice(0, listedMax).join(', ');
    this.#complain(`lost ${missing.length} in silence: ${some}`);
  }
}

function lossesOf({ visits }: Viewing): Losses {
  const places = new Set<string>();
  const begun = new Map<string, number>();
  let beginnings = 0;
  const add = (epoch: string, from: number, to: number): void => {
    for (let seq = from; seq <= to; seq += 1) places.add(`${epoch}:${seq}`);
  };
  for (const { since, told } of visits) {
    let epoch = since?.epoch;
    for (const message of told) {
      if (message.type === 'gap' && epoch !== undefined) {
        add(epoch, message.payload.from, message.payload.to);
      }
      if (message.type !== 'registered') continue;
      const { epoch: its, seq, recovered } = message.payload;
      // Without a position nothing was missed.
      if (recovered !== true && epoch !== undefined) {
        if (since?.epoch === its) add(its, since.seq + 1, seq);
        begun.set(its, Math.max(seq, begun.get(its) ?? 0));
        beginnings += 1;
      }
      epoch = its;
    }
  }
  return { places, begun, beginnings };
}

/** Every promise was kept, where the ack said, and in the order in which the lines were given. */
function judgePromises(viewing: Viewing, book: Book, lineage: Lineage): string[] {
  const acks = new Set(
    viewing.visits.flatMap(({ told }) =>
      told.flatMap((m) => (m.type === 'ack' ? [`${m.payload.id} ${m.payload.seq}`] : [])),
    ),
  );
  const wrong: string[] = [];
  let last = 0;
  for (const { id, outcome } of viewing.said) {
    const complain = (what: string): void => {
      wrong.push(`the SDK of ${viewing.name}: its promise for ${id} ${what}`);
    };
    if (outcome === undefined) complain('was never settled');
    else if ('rejected' in outcome) complain(`was rejected: ${outcome.rejected}`);
    else if (!acks.has(`${id} ${outcome.resolved}`)) complain('was kept, and no server said so');
    else if (book.pages.get(lineage.livingPlace(outcome.resolved))?.id === id) {
      if (outcome.resolved < last) complain(`is at ${outcome.resolved}, one before it at ${last}`);
      last = outcome.resolved;
    }
  }
  return wrong;
}
