// One connection, judged: its order, and whether what it was told about losses is true.
import type { Gap, Position, Registered } from '../integration/harness/messages.ts';
import type { History, Visit } from './history.ts';
import type { Lineage } from './lineage.ts';

const show = (position: Position | undefined): string =>
  position === undefined ? 'nowhere' : `${position.epoch}:${position.seq}`;

/** What is wrong, a sentence each. */
export function judgeVisit(visit: Visit, lineage: Lineage, history: History): string[] {
  return new VisitJudge(visit, lineage, history).judge();
}

class VisitJudge {
  readonly #visit: Visit;
  readonly #lineage: Lineage;
  readonly #history: History;
  readonly #wrong: string[] = [];
  #at: Position | undefined;

  constructor(visit: Visit, lineage: Lineage, history: History) {
    this.#visit = visit;
    this.#lineage = lineage;
    this.#history = history;
  }

  judge(): string[] {
    for (const violation of this.#visit.violations) this.#complain(violation);
    for (const message of this.#visit.told) {
      if (message.type === 'registered') this.#registered(message.payload);
      else if (message.type === 'chat') this.#next(message.seq, message.seq, 'message');
      else if (message.type === 'gap') this.#gap(message.payload);
    }
    return this.#wrong;
  }

  #complain(sentence: string): void {
    this.#wrong.push(`${this.#visit.viewer} on ${this.#visit.server}: ${sentence}`);
  }

  /** Neither twice nor left out nor out of order. */
  #next(from: number, to: number, what: string): void {
    if (this.#at === undefined) {
      this.#complain(`${what} ${from} before registered`);
      return;
    }
    if (from !== this.#at.seq + 1 || to < from) {
      this.#complain(`${what} ${from}…${to} after ${show(this.#at)}`);
    }
    this.#at = { epoch: this.#at.epoch, seq: to };
  }

  #gap(gap: Gap['payload']): void {
    this.#next(gap.from, gap.to, 'gap');
    if (this.#at !== undefined && this.#isKept(this.#at.epoch, gap.to)) {
      this.#complain(`gap ${gap.from}…${gap.to}, but the history has that`);
    }
  }

  #registered(answer: Registered['payload']): void {
    const isAnswer = this.#at === undefined;
    const before = this.#at ?? this.#visit.since;
    this.#at = { epoch: answer.epoch, seq: answer.seq };
    if (answer.chatId !== this.#visit.room) this.#complain(`registered in ${answer.chatId}`);
    if (before === undefined) {
      if (answer.recovered !== undefined) this.#complain('a verdict that nobody asked for');
      return;
    }
    if (!isAnswer && before.epoch === answer.epoch) {
      this.#complain(`registered again in the same epoch, at ${show(this.#at)}`);
    }
    if (this.#lineage.precedes(answer.epoch, before.epoch)) {
      this.#complain(`back from epoch ${before.epoch} to the older ${answer.epoch}`);
    }
    if (answer.recovered === undefined) this.#complain(`no verdict on ${show(before)}`);
    else if (answer.recovered) this.#recovered(before, answer);
    else this.#lost(before, answer);
  }

  #recovered(before: Position, answer: Registered['payload']): void {
    const verdict = `recovered from ${show(before)}, at ${show(answer)}`;
    if (answer.seq !== before.seq) this.#complain(`${verdict}: not the same seq`);
    if (before.epoch === answer.epoch) return;
    const here = this.#lineage.place(answer.epoch, before.seq);
    if (before.seq > 0 && here !== this.#lineage.place(before.epoch, before.seq)) {
      this.#complain(`${verdict}, but that is another order`);
    }
  }

  #lost(before: Position, answer: Registered['payload']): void {
    const verdict = `lost at ${show(before)}, now at ${show(answer)}`;
    if (before.epoch === answer.epoch && answer.seq < before.seq) {
      this.#complain(`${verdict}: back in the same epoch`);
    }
    const fact = this.#lineage.fact(answer.epoch);
    const continues =
      before.epoch === answer.epoch ||
      (fact?.prevEpoch === before.epoch && before.seq <= fact.prevSeq);
    if (continues && this.#isKept(answer.epoch, before.seq + 1)) {
      this.#complain(`${verdict}, but the history has what follows`);
    }
  }

  /** Whether the history had this to the end of the epoch, and so at every moment before. */
  #isKept(epoch: string, seq: number): boolean {
    if (this.#history.historyIsAmple) return true;
    const upTo = this.#lineage.livesUpTo(epoch);
    return upTo !== undefined && seq > upTo - this.#history.historyMessages;
  }
}
