// Connections: how they come, how they end, and how one takes over from another.
import { comesBack, retryDelayMs } from '../backoff.ts';
import { encodeRegister } from '../wire.ts';
import { refuse } from './lines.ts';
import type { Failure, Link, Turn } from './state.ts';

/** A server says something every 25 s. */
export const silenceMs: number = 40_000;
/** For the balancer's answer, and for a handshake: half-open ones take minutes to fail by themselves. */
export const connectMsMax: number = 10_000;
/** A server answers every line within this time. */
const answerMsMax = 15_000;
/** A connection that was in the room for so long is not counted as a failed attempt. */
const heldMs = 10_000;

const messageTooBig = 1009;

/** Empty `url`: the balancer is asked for one. */
function openLink({ state, actions, now }: Turn, url: string): Link {
  state.lastLink += 1;
  const id = state.lastLink;
  actions.push(url === '' ? { do: 'find', link: id } : { do: 'connect', link: id, url });
  return {
    id,
    status: url === '' ? 'seeking' : 'opening',
    url,
    since: undefined,
    epoch: '',
    deadline: now + connectMsMax,
    registerAt: Infinity,
    joinedAt: Infinity,
  };
}

/** By turns where it was last and where it was told to begin: either may be gone. */
export function connectMain(turn: Turn): void {
  const { state } = turn;
  const { server } = state.settings;
  const isTurn = state.failures % 2 === 1 && state.otherUrl !== '';
  state.retryAt = Infinity;
  state.main = openLink(turn, server !== '' && isTurn ? state.otherUrl : server);
}

export function startMove(turn: Turn): void {
  const { state } = turn;
  state.next = openLink(turn, state.move?.url || state.settings.server);
}

/** With the position of now, which may be another one when the answer comes. */
export function register({ state, actions }: Turn, link: Link): void {
  const { room, history } = state.settings;
  link.status = 'registering';
  link.registerAt = Infinity;
  link.since = state.position;
  const text = encodeRegister(room, { since: link.since, history });
  actions.push({ do: 'transmit', link: link.id, text });
}

/** What was sent on it and not answered is repeated elsewhere, under its id. */
function forget({ state }: Turn, link: Link): void {
  if (state.sentOn === link.id) state.sentOn = 0;
  if (link === state.main) state.main = undefined;
  if (link === state.next) state.next = undefined;
  if (link !== state.old) return;
  state.old = undefined;
  state.leaveAt = Infinity;
}

export function drop(turn: Turn, link: Link): void {
  turn.actions.push({ do: 'disconnect', link: link.id });
  forget(turn, link);
}

/** The next connection is in the room. The one before stays until it owes no answer. */
export function takeOver({ state, now }: Turn): void {
  state.old = state.main;
  state.main = state.next;
  state.next = undefined;
  state.move = undefined;
  state.leaveAt = now + answerMsMax;
}

export function lost(turn: Turn, link: Link, code: number, reason: string): void {
  const { state } = turn;
  if (code === messageTooBig && state.sentOn === link.id) {
    refuse(turn, { code: 'message_too_long', message: 'longer than the server takes' });
  }
  const { main, next } = state;
  forget(turn, link);
  if (link === next) return retryMove(turn);
  if (link !== main) return;
  if (!comesBack(code)) return end(turn, failureOf(code, reason));
  state.move = undefined;
  if (next !== undefined) {
    // It was on its way anyway.
    state.main = next;
    state.next = undefined;
    return;
  }
  if (state.old !== undefined) drop(turn, state.old);
  retry(turn, link, reason);
}

function retry(turn: Turn, link: Link, reason: string): void {
  const { state, now, random } = turn;
  // Else a server that takes viewers and drops them would be asked four times a second.
  if (now - link.joinedAt >= heldMs) state.failures = 0;
  const retryInMs = retryDelayMs(state.failures, random);
  state.failures += 1;
  state.retryAt = now + retryInMs;
  state.shown = { name: 'waiting', reason, retryInMs };
}

/** The server that was named is not to be had: the balancer knows another. Meanwhile `main` goes on. */
function retryMove({ state, now, random }: Turn): void {
  const failures = state.move?.failures ?? 0;
  state.move = { url: '', at: now + retryDelayMs(failures, random), failures: failures + 1 };
}

function failureOf(closeCode: number, reason: string): Failure {
  const code = closeCode === 4500 ? 'bad_request' : closeCode === 4501 ? 'unauthorized' : 'refused';
  return { code, message: reason || `closed with ${closeCode}`, closeCode };
}

/** For good: by `close()`, or because of `error`. */
export function end(turn: Turn, error?: Failure): void {
  const { state, actions } = turn;
  for (const link of [state.main, state.next, state.old]) {
    if (link !== undefined) drop(turn, link);
  }
  const why = error ?? { code: 'closed', message: 'the room was closed' };
  for (const { id } of state.lines) {
    actions.push({ do: 'reject', id, failure: { ...why, id } });
  }
  state.lines = [];
  state.move = undefined;
  state.retryAt = Infinity;
  state.holdUntil = Infinity;
  state.shown = error === undefined ? { name: 'closed' } : { name: 'closed', error };
}
