// The judge: what was promised, held against a round's history. Pure.
import { Book } from './book.ts';
import type { History, RoomEnd, Viewing } from './history.ts';
import { judgeReport } from './judge_report.ts';
import { judgeSaid } from './judge_said.ts';
import { judgeViewing } from './judge_viewing.ts';
import { judgeVisit } from './judge_visit.ts';
import { Lineage } from './lineage.ts';

export interface Verdict {
  /** A sentence each; empty: all promises were kept. */
  readonly wrong: readonly string[];
  /** Different messages at different places, over all rooms. */
  readonly messages: number;
  /** Of them, those that are part of the living orders. */
  readonly living: number;
  readonly epochs: number;
  /** Rooms where nobody looked in time how two epochs followed each other: not judged. */
  readonly unjudged: number;
  /** Times that a viewer was told of a loss. */
  readonly toldLost: number;
}

export function judge(history: History): Verdict {
  const wrong: string[] = [];
  let [messages, living, epochs, unjudged] = [0, 0, 0, 0];
  for (const end of history.rooms) {
    const lineage = new Lineage(end, history.epochs);
    const viewings = history.viewings.filter(({ room }) => room === end.room);
    if (!isWhole(lineage, viewings)) {
      unjudged += 1;
      continue;
    }
    const book = new Book(lineage, viewings, end);
    wrong.push(...book.wrong, ...judgeEpochs(end, lineage, history));
    for (const viewing of viewings) {
      for (const visit of viewing.visits) wrong.push(...judgeVisit(visit, lineage, history));
      wrong.push(...judgeViewing(viewing, lineage));
      wrong.push(...judgeReport(viewing, book, lineage));
      wrong.push(...judgeSaid(viewing, book, lineage, history));
    }
    messages += book.pages.size;
    living += end.seq;
    epochs += lineage.epochs.length;
  }
  return { wrong, messages, living, epochs, unjudged, toldLost: toldLost(history) };
}

function isWhole(lineage: Lineage, viewings: readonly Viewing[]): boolean {
  const told = viewings.flatMap(({ visits }) => visits).flatMap((visit) => visit.told);
  return (
    lineage.isWhole && told.every((m) => m.type !== 'registered' || lineage.knows(m.payload.epoch))
  );
}

/** An epoch ends because Redis began anew or lost the room; not because a connection did. */
function judgeEpochs(end: RoomEnd, lineage: Lineage, history: History): string[] {
  const reasons =
    history.redisStarts + history.losses.filter(({ room }) => room === end.room).length;
  if (lineage.epochs.length <= reasons) return [];
  return [`${end.room}: epochs ${lineage.epochs.join(', ')}, but only ${reasons} reasons for one`];
}

function toldLost({ viewings }: History): number {
  return viewings
    .flatMap(({ visits }) => visits)
    .flatMap(({ told }) => told)
    .filter((m) => m.type === 'gap' || (m.type === 'registered' && m.payload.recovered === false))
    .length;
}
