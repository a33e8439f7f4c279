// One viewer over all its connections: has it seen, or was it told to have lost, everything that
// the living order holds since it came?
import type { Registered } from '../integration/harness/messages.ts';
import { chatsOf } from './book.ts';
import type { Viewing } from './history.ts';
import type { Lineage } from './lineage.ts';

/** Viewers ignore a message whose id is among so many before it. */
export const idsRemembered = 1000;
const listedMax = 10;

export function judgeViewing(viewing: Viewing, lineage: Lineage): string[] {
  const first = viewing.visits.flatMap(({ told }) => told).find(isRegistered);
  if (first === undefined) return [`${viewing.name} never got in`];
  const seen = new Set<number>();
  const excused = new Set<number>();
  for (const visit of viewing.visits) new Walk(lineage, seen, excused).walk(visit);
  const { epoch, seq } = first.payload;
  const wrong: string[] = [];
  const missing: number[] = [];
  for (let at = startOf(epoch, seq, lineage) + 1; at <= endOf(viewing, lineage); at += 1) {
    if (!seen.has(at) && !excused.has(at)) missing.push(at);
  }
  if (missing.length > 0) {
    const some = missing.slice(0, listedMax).map((at) => lineage.livingPlace(at));
    wrong.push(`${viewing.name} lost ${missing.length} in silence: ${some.join(', ')}`);
  }
  const { position } = viewing;
  const isAtEnd = position?.epoch === lineage.epoch && position.seq === lineage.seq;
  if (!isAtEnd && !viewing.left) {
    const [is, should] = [position, { epoch: lineage.epoch, seq: lineage.seq }];
    wrong.push(`${viewing.name} ends at ${JSON.stringify(is)}, Redis at ${JSON.stringify(should)}`);
  }
  for (const trouble of viewing.troubles) wrong.push(`${viewing.name}: ${trouble}`);
  return [...wrong, ...judgeRepeats(viewing, lineage)];
}

export const isRegistered = (message: { readonly type: string }): message is Registered =>
  message.type === 'registered';

/** The last living seq that it did not come for, if its first answer was this position. */
export function startOf(epoch: string, seq: number, lineage: Lineage): number {
  return Math.min(seq, lineage.livesUpTo(epoch) ?? 0);
}

/** The last living seq for which it was there. */
function endOf({ position, left }: Viewing, lineage: Lineage): number {
  if (!left) return lineage.seq;
  if (position === undefined) return 0;
  return Math.min(position.seq, lineage.livesUpTo(position.epoch) ?? 0);
}

/** Collects, in living seqs, what one visit showed and what it declared lost. */
class Walk {
  readonly #lineage: Lineage;
  readonly #seen: Set<number>;
  readonly #excused: Set<number>;
  #epoch: string | undefined;
  #seq = 0;

  constructor(lineage: Lineage, seen: Set<number>, excused: Set<number>) {
    this.#lineage = lineage;
    this.#seen = seen;
    this.#excused = excused;
  }

  walk(visit: Viewing['visits'][number]): void {
    this.#epoch = visit.since?.epoch;
    this.#seq = visit.since?.seq ?? 0;
    for (const message of visit.told) {
      if (message.type === 'chat') {
        if (this.#lives(message.seq)) this.#seen.add(message.seq);
      } else if (message.type === 'gap') {
        this.#excuse(message.payload.from, message.payload.to);
      } else if (message.type === 'registered') {
        this.#registered(message.payload);
      }
    }
  }

  #lives(seq: number): boolean {
    return this.#epoch !== undefined && this.#lineage.lives(this.#epoch, seq);
  }

  #excuse(from: number, to: number): void {
    for (let seq = from; seq <= to; seq += 1) if (this.#lives(seq)) this.#excused.add(seq);
  }

  #registered(answer: Registered['payload']): void {
    const sameEpoch = this.#epoch === answer.epoch;
    const from = sameEpoch ? this.#seq + 1 : 1; // of another epoch it is not known what was lost
    this.#epoch = answer.epoch;
    this.#seq = answer.seq;
    if (answer.recovered === false) this.#excuse(from, answer.seq);
  }
}

/** A line that is there twice may be told apart only by who still remembers its id. */
function judgeRepeats(viewing: Viewing, lineage: Lineage): string[] {
  const ids = new Map<number, string>();
  for (const { epoch, chat } of viewing.visits.flatMap(({ told }) => [...chatsOf(told)])) {
    if (chat.id !== undefined && lineage.lives(epoch, chat.seq)) ids.set(chat.seq, chat.id);
  }
  const last = new Map<string, number>();
  const wrong: string[] = [];
  for (const [seq, id] of [...ids].toSorted(([a], [b]) => a - b)) {
    const before = last.get(id);
    if (before !== undefined && seq - before > idsRemembered) {
      wrong.push(`${viewing.name} is shown ${id} twice, at ${before} and at ${seq}`);
    }
    last.set(id, seq);
  }
  return wrong;
}
