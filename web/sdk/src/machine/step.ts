// The life of a room as a pure function: no sockets, no timers, no clock, no dice.
import { hear } from './hear.ts';
import { accept, transmitNext } from './lines.ts';
import { connectMain, connectMsMax, drop, end, lost, register } from './links.ts';
import { silenceMs, startMove } from './links.ts';
import type { Action, Event, Link, State, Turn } from './state.ts';

export interface Step {
  readonly state: State;
  readonly actions: readonly Action[];
}

/** `random` is in [0, 1). `state` is left as it is. */
export function step(state: State, event: Event, now: number, random: () => number): Step {
  const turn: Turn = { state: copy(state), actions: [], now, random };
  if (state.shown.name !== 'closed') {
    take(turn, event);
    settle(turn);
    show(turn, state);
  } else if (event.type === 'send') {
    const failure = { code: 'closed', message: 'the room is closed', id: event.id };
    turn.actions.push({ do: 'reject', id: event.id, failure });
  }
  return { state: turn.state, actions: turn.actions };
}

/** When `tick` is due if nothing else happens; `Infinity` if it is not. */
export function wakeAt(state: State): number {
  const { main, next, old, move, leaveAt, retryAt, holdUntil } = state;
  const ofLinks = [main, next, old].flatMap((link) =>
    link === undefined ? [] : [link.deadline, link.registerAt],
  );
  return Math.min(...ofLinks, move?.at ?? Infinity, leaveAt, retryAt, holdUntil);
}

/** Of all that a step may change in place. */
function copy(state: State): State {
  const { main, next, old, move } = state;
  return {
    ...state,
    main: main && { ...main },
    next: next && { ...next },
    old: old && { ...old },
    move: move && { ...move },
  };
}

function links({ state }: Turn): Link[] {
  return [state.main, state.next, state.old].filter((link) => link !== undefined);
}

function isHeld({ state }: Turn, link: Link): boolean {
  return link === state.main || link === state.next || link === state.old;
}

function take(turn: Turn, event: Event): void {
  switch (event.type) {
    case 'start':
      return connectMain(turn);
    case 'tick':
      return tick(turn);
    case 'send':
      return accept(turn, event);
    case 'close':
      return end(turn);
    case 'found':
    case 'opened':
    case 'heard':
    case 'lost': {
      const link = links(turn).find(({ id }) => id === event.link);
      if (link !== undefined) takeOf(turn, link, event);
    }
  }
}

function takeOf(turn: Turn, link: Link, event: Extract<Event, { readonly link: number }>): void {
  switch (event.type) {
    case 'found':
      link.status = 'opening';
      link.url = event.url;
      link.deadline = turn.now + connectMsMax;
      turn.actions.push({ do: 'connect', link: link.id, url: event.url });
      return;
    case 'opened':
      link.deadline = turn.now + silenceMs;
      return register(turn, link);
    case 'heard':
      link.deadline = turn.now + silenceMs;
      for (const message of event.messages) {
        // One of them may have been the end of it.
        if (isHeld(turn, link)) hear(turn, link, message);
      }
      return;
    case 'lost':
      return lost(turn, link, event.code, event.reason);
  }
}

function tick(turn: Turn): void {
  const { state, now } = turn;
  for (const link of links(turn)) {
    if (!isHeld(turn, link)) continue; // it went with the one before
    if (link.deadline <= now) {
      const isUp = link.status === 'registering' || link.status === 'joined';
      turn.actions.push({ do: 'disconnect', link: link.id });
      lost(turn, link, 1006, isUp ? 'nothing was heard for 40 s' : 'there was no answer');
    } else if (link.registerAt <= now) {
      register(turn, link);
    }
  }
  if (state.move !== undefined && state.move.at <= now) state.move.at = Infinity;
  if (state.holdUntil <= now) state.holdUntil = Infinity;
  if (state.old !== undefined && state.leaveAt <= now) drop(turn, state.old);
  if (state.retryAt <= now) connectMain(turn);
}

/** What can go on now, whatever it was that happened. */
function settle(turn: Turn): void {
  const { state } = turn;
  if (state.old !== undefined && state.sentOn !== state.old.id) drop(turn, state.old);
  if (state.main?.status !== 'joined' || state.old !== undefined) return;
  if (state.move?.at === Infinity && state.next === undefined) startMove(turn);
  transmitNext(turn);
}

/** The state comes before what else the step has to tell: messages belong into a room that was joined. */
function show(turn: Turn, before: State): void {
  const { state, actions } = turn;
  const { main } = state;
  if (main?.status === 'joined') {
    const isShown = state.shown.name === 'joined' && state.shown.url === main.url;
    if (!isShown) state.shown = { name: 'joined', url: main.url };
  } else if (main !== undefined && state.shown.name !== 'connecting') {
    state.shown = { name: 'connecting' };
  }
  if (state.shown !== before.shown) actions.unshift({ do: 'show', state: state.shown });
}
