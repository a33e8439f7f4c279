// What stands at every place of a room's orders, according to everybody who says something about it.
import type { Chat } from '../integration/harness/messages.ts';
import type { Logged, Reported, RoomEnd, Viewing } from './history.ts';
import type { Lineage } from './lineage.ts';

export interface Page {
  readonly id: string | undefined;
  readonly text: string;
  readonly seq: number;
  /** What has to be the same for everybody. */
  readonly content: string;
  readonly accordingTo: string;
}

/** The messages of one visit with the epoch in which it was told them. */
export function* chatsOf(
  told: Viewing['visits'][number]['told'],
): Generator<{ readonly epoch: string; readonly chat: Chat }> {
  let epoch: string | undefined;
  for (const message of told) {
    if (message.type === 'registered') epoch = message.payload.epoch;
    else if (message.type === 'chat' && epoch !== undefined) yield { epoch, chat: message };
  }
}

function contentOf(message: Content): string {
  return JSON.stringify([message.id, message.ts, message.message, message.data]);
}

interface Content {
  readonly id: string | undefined;
  readonly ts: number;
  readonly message: string;
  readonly data: unknown;
}

export class Book {
  readonly pages = new Map<string, Page>();
  /** Places that an id stands at. */
  readonly placesById = new Map<string, Set<string>>();
  readonly wrong: string[] = [];

  constructor(lineage: Lineage, viewings: readonly Viewing[], end: RoomEnd) {
    for (const viewing of viewings) {
      for (const visit of viewing.visits) {
        for (const { epoch, chat } of chatsOf(visit.told)) {
          this.#enter(lineage.place(epoch, chat.seq), pageOf(chat, viewing.name));
        }
      }
      for (const told of viewing.report ?? []) {
        if (told.type !== 'message') continue;
        const page = pageOfReport(told, `the SDK of ${viewing.name}`);
        this.#enter(lineage.place(told.epoch, told.seq), page);
      }
    }
    for (const logged of end.log) {
      this.#enter(lineage.livingPlace(logged.seq), pageOfLog(logged));
    }
  }

  #enter(place: string, page: Page): void {
    const known = this.pages.get(place);
    if (known === undefined) {
      this.pages.set(place, page);
      if (page.id === undefined) return;
      const places = this.placesById.get(page.id) ?? new Set();
      this.placesById.set(page.id, places.add(place));
    } else if (known.content !== page.content) {
      this.wrong.push(
        `at ${place} ${known.accordingTo} has ${known.content}, ${page.accordingTo} has ${page.content}`,
      );
    }
  }
}

function pageOf(chat: Chat, accordingTo: string): Page {
  const { id, ts, message, data, seq } = chat;
  return { id, text: message, seq, content: contentOf({ id, ts, message, data }), accordingTo };
}

function pageOfReport(
  { id, seq, ts, text, data }: Extract<Reported, { type: 'message' }>,
  accordingTo: string,
): Page {
  return { id, text, seq, content: contentOf({ id, ts, message: text, data }), accordingTo };
}

function pageOfLog({ seq, line }: Logged): Page {
  const message = JSON.parse(line) as Chat;
  return pageOf({ ...message, seq }, 'the log');
}
