// The lines that wait for their answers, the first of them perhaps under way.
import { retryDelayMs } from '../backoff.ts';
import type { Failure, Line, Turn } from './state.ts';

export function accept({ state, actions }: Turn, { id, text }: Line): void {
  if (state.lines.length < state.settings.queueMax) {
    state.lines = [...state.lines, { id, text }];
    return;
  }
  // The newest goes, not the oldest: whoever wrote it is still there to be told.
  const message = `${state.lines.length} messages wait already`;
  actions.push({ do: 'reject', id, failure: { code: 'queue_full', message, id } });
}

export function transmitNext({ state, actions }: Turn): void {
  const [line] = state.lines;
  if (line === undefined || state.sentOn !== 0 || state.holdUntil !== Infinity) return;
  if (state.main === undefined) return;
  state.sentOn = state.main.id;
  actions.push({ do: 'transmit', link: state.main.id, text: line.text });
}

export function acknowledge({ state, actions }: Turn, id: string, seq: number): void {
  if (state.sentOn === 0 || state.lines[0]?.id !== id) return;
  state.lines = state.lines.slice(1);
  state.sentOn = 0;
  state.refusals = 0;
  actions.push({ do: 'resolve', id, seq });
}

/** The line under way was turned down for good. */
export function refuse({ state, actions }: Turn, failure: Failure): void {
  const [line] = state.lines;
  if (line === undefined) return;
  state.lines = state.lines.slice(1);
  state.sentOn = 0;
  actions.push({ do: 'reject', id: line.id, failure: { ...failure, id: line.id } });
}

/** The line under way was not taken now: it is sent again, under the same id. */
export function hold(turn: Turn, retryAfterMs: number | undefined): void {
  const { state, now } = turn;
  state.sentOn = 0;
  state.holdUntil = now + patienceMs(turn, retryAfterMs);
}

/** What the server asked for, and some more each time it asks again, so that not all come at once. */
export function patienceMs({ state, random }: Turn, retryAfterMs = 0): number {
  state.refusals += 1;
  return retryAfterMs + retryDelayMs(state.refusals - 1, random);
}
