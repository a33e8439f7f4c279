// How a room's epochs follow each other: a new one continues the counter of the one before, so that
// what was ordered up to there has two names. And which of all that still lives.
import type { EpochFact, RoomEnd } from './history.ts';

/** Of one room. */
export class Lineage {
  readonly #facts = new Map<string, EpochFact>();
  readonly #end: RoomEnd;

  constructor(end: RoomEnd, facts: readonly EpochFact[]) {
    this.#end = end;
    for (const fact of facts) if (fact.room === end.room) this.#facts.set(fact.epoch, fact);
  }

  get room(): string {
    return this.#end.room;
  }

  /** How many messages the living order counts. */
  get seq(): number {
    return this.#end.seq;
  }

  get epoch(): string {
    return this.#end.epoch;
  }

  get epochs(): readonly string[] {
    return [...this.#facts.keys()];
  }

  knows(epoch: string): boolean {
    return this.#facts.has(epoch);
  }

  /** Of every epoch it is known what came before it. */
  get isWhole(): boolean {
    return [...this.#facts.values()].every(
      ({ prevEpoch }) => prevEpoch === '' || this.#facts.has(prevEpoch),
    );
  }

  fact(epoch: string): EpochFact | undefined {
    return this.#facts.get(epoch);
  }

  /** The one name of what stands at this place: that of the epoch in which it was ordered. */
  place(epoch: string, seq: number): string {
    let at = epoch;
    for (const _ of this.#facts) {
      const fact = this.#facts.get(at);
      if (fact === undefined || fact.prevEpoch === '' || seq > fact.prevSeq) break;
      at = fact.prevEpoch;
    }
    return `${at}:${seq}`;
  }

  /** Whether the place is part of the order in which the round ended. */
  lives(epoch: string, seq: number): boolean {
    return seq <= this.#end.seq && this.place(epoch, seq) === this.place(this.#end.epoch, seq);
  }

  livingPlace(seq: number): string {
    return this.place(this.#end.epoch, seq);
  }

  /** `older` came, over any number of epochs, before `newer`. */
  precedes(older: string, newer: string): boolean {
    let at = newer;
    for (const _ of this.#facts) {
      const before = this.#facts.get(at)?.prevEpoch ?? '';
      if (before === '') return false;
      if (before === older) return true;
      at = before;
    }
    return false;
  }

  /**
   * Up to which seq the epoch is part of the living order: all of it for the last, up to where the
   * next began for its ancestors, undefined for one that died.
   */
  livesUpTo(epoch: string): number | undefined {
    let at = this.#end.epoch;
    let upTo = this.#end.seq;
    for (let i = 0; i <= this.#facts.size; i += 1) {
      if (at === epoch) return upTo;
      const fact = this.#facts.get(at);
      if (fact === undefined || fact.prevEpoch === '') return undefined;
      upTo = Math.min(upTo, fact.prevSeq);
      at = fact.prevEpoch;
    }
    return undefined;
  }
}
