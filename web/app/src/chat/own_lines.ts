/** What this viewer said and what is not in the list yet. Shown below it, in the order it was said. */
export interface OwnLine {
  readonly id: string;
  readonly text: string;
  readonly fate: Fate;
}

export type Fate =
  | { readonly is: 'sending' }
  /** In the room's log under that number; the room will show it in a moment. */
  | { readonly is: 'sent'; readonly seq: number }
  | { readonly is: 'refused'; readonly why: string };

export type OwnLines = readonly OwnLine[];

/** Refused lines that wait to be looked at; beyond, the oldest go. */
const refusedMax = 10;

export function said(own: OwnLines, id: string, text: string): OwnLines {
  return [...own, { id, text, fate: { is: 'sending' } }];
}

export function confirmed(own: OwnLines, id: string, seq: number): OwnLines {
  return own.map((line) => (line.id === id ? { ...line, fate: { is: 'sent', seq } } : line));
}

export function refused(own: OwnLines, id: string, why: string): OwnLines {
  const lines = own.map((line): OwnLine =>
    line.id === id ? { ...line, fate: { is: 'refused', why } } : line,
  );
  const tooMany = lines.filter(({ fate }) => fate.is === 'refused').length - refusedMax;
  if (tooMany <= 0) return lines;
  const oldest = lines.find(({ fate }) => fate.is === 'refused');
  return lines.filter((line) => line !== oldest);
}

export function without(own: OwnLines, id: string): OwnLines {
  return own.some((line) => line.id === id) ? own.filter((line) => line.id !== id) : own;
}

/**
 * The room is at `seq`, with a message or behind a gap: what was confirmed up to there was shown, or
 * will not be.
 */
export function passed(own: OwnLines, seq: number): OwnLines {
  const isPast = ({ fate }: OwnLine): boolean => fate.is === 'sent' && fate.seq <= seq;
  return own.some(isPast) ? own.filter((line) => !isPast(line)) : own;
}
