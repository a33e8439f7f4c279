// What a server said, and what follows from it.
import type { Chat, Gap, Position, Redistribute, Refusal, Registered } from '../wire.ts';
import type { ServerMessage } from '../wire.ts';
import { acknowledge, hold, patienceMs, refuse } from './lines.ts';
import { end, lost, register, takeOver } from './links.ts';
import type { Failure, Link, Turn } from './state.ts';

export function hear(turn: Turn, link: Link, message: ServerMessage): void {
  switch (message.type) {
    case 'registered':
      return hearRegistered(turn, link, message);
    case 'chat':
      return hearChat(turn, link, message);
    case 'gap':
      return hearGap(turn, link, message);
    case 'ack':
      return acknowledge(turn, message.id, message.seq);
    case 'redistribute':
      return hearRedistribute(turn, link, message);
    case 'error':
      return hearError(turn, link, message);
    case 'viewers':
      if (link === turn.state.main) turn.actions.push({ do: 'count', viewers: message.viewers });
      return;
    case 'welcome':
    case 'unknown':
  }
}

function isSame(a: Position | undefined, b: Position | undefined): boolean {
  return a?.epoch === b?.epoch && a?.seq === b?.seq;
}

function hearRegistered(turn: Turn, link: Link, registered: Registered): void {
  const { state, actions } = turn;
  const { position } = state;
  if (link === state.old) {
    // The connection that took over has said where the room is; what comes here may not join on.
    link.epoch = '';
    return;
  }
  const wasAsked = link.status === 'registering';
  const isOtherEpoch = position !== undefined && position.epoch !== registered.epoch;
  // In a hand-over the other connection may have moved the position since it was sent here. In one
  // epoch that is no matter, but of a new one this answer says nothing: it is asked again.
  if (wasAsked && isOtherEpoch && !isSame(position, link.since)) return register(turn, link);

  link.epoch = registered.epoch;
  if (wasAsked) {
    link.status = 'joined';
    link.joinedAt = turn.now;
    state.otherUrl = link.url;
  }
  if (link === state.next) takeOver(turn);
  takePosition(turn, registered);
  actions.push({ do: 'count', viewers: registered.viewers });
}

/** `registered` is the position before what follows; the verdict on what is missing until there. */
function takePosition(turn: Turn, { epoch, seq, recovered }: Registered): void {
  const { state, actions } = turn;
  const before = state.position;
  if (before?.epoch === epoch) return skipTo(turn, before.seq + 1, seq);
  state.position = { epoch, seq };
  if (before !== undefined && recovered !== true) {
    actions.push({ do: 'skip', skipped: { lost: undefined } });
  }
}

/** `from` to `to` will not come, as far as the position is not beyond them already. */
function skipTo({ state, actions }: Turn, from: number, to: number): void {
  const { position } = state;
  if (position === undefined || to <= position.seq) return;
  const first = Math.max(from, position.seq + 1);
  actions.push({ do: 'skip', skipped: { lost: to - first + 1, from: first, to } });
  state.position = { epoch: position.epoch, seq: to };
}

function hearChat(turn: Turn, link: Link, chat: Chat): void {
  const { state } = turn;
  const { epoch, seq } = state.position ?? { epoch: '', seq: 0 };
  if (epoch === '' || link.epoch !== epoch || chat.seq <= seq) return;
  // No server does this; if one did, it would not go unnoticed.
  skipTo(turn, seq + 1, chat.seq - 1);
  state.position = { epoch, seq: chat.seq };
  turn.actions.push({ do: 'deliver', epoch, chat });
}

function hearGap(turn: Turn, link: Link, { from, to }: Gap): void {
  const { state } = turn;
  if (link.epoch !== state.position?.epoch) return;
  if (link === state.old) {
    // The connection that took over brings these. What comes here after the hole is not the next.
    if (to > state.position.seq) link.epoch = '';
    return;
  }
  skipTo(turn, from, to);
}

function hearRedistribute({ state, now }: Turn, link: Link, order: Redistribute): void {
  const { redirect = '', delayMs } = order;
  // Who is on the way already goes on.
  if (link !== state.main || state.next !== undefined) return;
  state.move = { url: redirect, at: now + delayMs, failures: 0 };
  if (redirect !== '') state.otherUrl = redirect;
}

function hearError(turn: Turn, link: Link, refusal: Refusal): void {
  const { state, actions, now } = turn;
  const { type: _, ...failure } = refusal;
  const isLater = failure.code === 'rate_limited' || failure.code === 'unavailable';
  // On a connection that waits for its answer nothing but `register` was sent.
  if (link.status === 'registering') {
    if (!isLater) return cannotRegister(turn, link, failure);
    link.registerAt = now + patienceMs(turn, failure.retryAfterMs);
    actions.push({ do: 'complain', failure });
    return;
  }
  // One without id is of a line whose id could not be read, and only one is under way.
  const line = state.sentOn === link.id ? state.lines[0] : undefined;
  const isOfLine = line !== undefined && (failure.id ?? line.id) === line.id;
  if (isOfLine && !isLater) return refuse(turn, failure);
  if (isOfLine) hold(turn, failure.retryAfterMs);
  actions.push({ do: 'complain', failure });
}

function cannotRegister(turn: Turn, link: Link, failure: Failure): void {
  if (link === turn.state.main) return end(turn, failure);
  turn.actions.push({ do: 'disconnect', link: link.id });
  lost(turn, link, 1006, failure.message);
}
