// What was said, and what came of it: acknowledged lines stand where the ack said, none more often
// than it was sent, in the order in which they were sent.
import type { Book } from './book.ts';
import type { History, Said, Viewing } from './history.ts';
import type { Lineage } from './lineage.ts';

export function judgeSaid(
  viewing: Viewing,
  book: Book,
  lineage: Lineage,
  history: History,
): string[] {
  const answers = answersById(viewing);
  const wrong = viewing.said.flatMap((said) =>
    new SaidJudge(said, answers.get(said.id) ?? [], book, lineage, history).judge(),
  );
  return [...wrong, ...judgeOrder(viewing, book, lineage)];
}

interface Answer {
  readonly connection: number;
  /** undefined: an error. */
  readonly ack: { readonly chatId: string; readonly seq: number } | undefined;
}

function answersById({ visits }: Viewing): Map<string, Answer[]> {
  const answers = new Map<string, Answer[]>();
  const note = (id: string | undefined, answer: Answer): void => {
    if (id === undefined) return;
    const known = answers.get(id);
    if (known === undefined) answers.set(id, [answer]);
    else known.push(answer);
  };
  for (const { connection, told } of visits) {
    for (const message of told) {
      if (message.type === 'ack') note(message.payload.id, { connection, ack: message.payload });
      else if (message.type === 'error') note(message.payload.id, { connection, ack: undefined });
    }
  }
  return answers;
}

class SaidJudge {
  readonly #said: Said;
  readonly #book: Book;
  readonly #lineage: Lineage;
  readonly #history: History;
  readonly #answers: readonly Answer[];
  readonly #places: readonly string[];
  readonly #wrong: string[] = [];

  constructor(
    said: Said,
    answers: readonly Answer[],
    book: Book,
    lineage: Lineage,
    history: History,
  ) {
    this.#said = said;
    this.#book = book;
    this.#lineage = lineage;
    this.#history = history;
    this.#answers = answers;
    this.#places = [...(book.placesById.get(said.id) ?? [])];
  }

  judge(): string[] {
    this.#judgeAnswers();
    this.#judgeAcks();
    this.#judgePlaces();
    return this.#wrong;
  }

  #complain(sentence: string): void {
    this.#wrong.push(`${this.#said.viewer}'s ${this.#said.id}: ${sentence}`);
  }

  /** Each time that it was sent on a connection is answered at most once there. */
  #judgeAnswers(): void {
    for (const connection of new Set(this.#answers.map((answer) => answer.connection))) {
      const sent = this.#said.tries.filter((one) => one.connection === connection).length;
      const answered = this.#answers.filter((one) => one.connection === connection).length;
      if (answered > sent) this.#complain(`sent ${sent} times, answered ${answered} times`);
    }
    if (this.#acks.length === 0) this.#complain('never acknowledged');
  }

  get #acks(): NonNullable<Answer['ack']>[] {
    return this.#answers.flatMap(({ ack }) => ack ?? []);
  }

  #judgeAcks(): void {
    for (const { chatId, seq } of this.#acks) {
      if (chatId !== this.#said.room) this.#complain(`acknowledged in ${chatId}`);
      const there = this.#places.filter((place) => this.#book.pages.get(place)?.seq === seq);
      if (there.some((place) => this.#lives(place))) continue;
      if (this.#mayBeLost() || this.#isForgotten(seq)) continue;
      this.#complain(
        there.length > 0
          ? `acknowledged at ${there.join()}, which died although Redis lost nothing`
          : `acknowledged as ${seq}, and stands ${this.#places.join() || 'nowhere'}`,
      );
    }
  }

  #judgePlaces(): void {
    const tries = this.#said.tries.length;
    // `unavailable` says that it was never handed to Redis.
    const refused = this.#answers.length - this.#acks.length;
    const living = this.#places.filter((place) => this.#lives(place));
    if (living.length > tries - refused) {
      this.#complain(`sent ${tries} times, refused ${refused} times, stands at ${living.join()}`);
    }
    for (const epoch of new Set(this.#places.map(epochOf))) {
      const places = this.#places.filter((place) => epochOf(place) === epoch);
      if (places.length > tries) this.#complain(`sent ${tries} times, stands at ${places.join()}`);
    }
    for (const place of this.#places) {
      const text = this.#book.pages.get(place)?.text;
      if (text !== this.#said.text) this.#complain(`became ${JSON.stringify(text)}`);
    }
  }

  #lives(place: string): boolean {
    return this.#lineage.livingPlace(seqOf(place)) === place && seqOf(place) <= this.#lineage.seq;
  }

  /**
   * Nobody knows what stood there: everybody was told of a gap, and the log no longer has it. One who
   * was not told of it finds it missing.
   */
  #isForgotten(seq: number): boolean {
    const isOld = seq <= this.#lineage.seq - this.#history.historyMessages;
    const isKnown = this.#book.pages.has(this.#lineage.livingPlace(seq));
    return !this.#history.historyIsAmple && isOld && !isKnown;
  }

  /** Redis lost data after it was first sent. */
  #mayBeLost(): boolean {
    const sent = Math.min(...this.#said.tries.map(({ at }) => at));
    return this.#history.losses.some(
      ({ room, at }) => (room === undefined || room === this.#said.room) && at >= sent,
    );
  }
}

const epochOf = (place: string): string => place.slice(0, place.lastIndexOf(':'));
const seqOf = (place: string): number => Number(place.slice(place.lastIndexOf(':') + 1));

/** What one connection sent once each stands in the order in which it was sent. */
function judgeOrder(viewing: Viewing, book: Book, lineage: Lineage): string[] {
  const wrong: string[] = [];
  const last = new Map<number, { readonly id: string; readonly seq: number }>();
  for (const said of viewing.said) {
    const [attempt, again] = said.tries;
    if (attempt === undefined || again !== undefined) continue;
    const place = [...(book.placesById.get(said.id) ?? [])].find(
      (at) => lineage.livingPlace(seqOf(at)) === at,
    );
    if (place === undefined) continue;
    const seq = seqOf(place);
    const before = last.get(attempt.connection);
    if (before !== undefined && before.seq > seq) {
      wrong.push(`${viewing.name} said ${before.id} before ${said.id}: ${before.seq} and ${seq}`);
    }
    last.set(attempt.connection, { id: said.id, seq });
  }
  return wrong;
}
