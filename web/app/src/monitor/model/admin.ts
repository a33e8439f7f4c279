// What a person may do to the fleet, as calls and words.
import { counted } from '../../shared/format.ts';
import { serverName } from './names.ts';
import { isFields } from '../../shared/wire.ts';

export type Action =
  | { readonly do: 'start' }
  | { readonly do: 'drain'; readonly id: string; readonly name: string; readonly viewers: number };

export type Outcome =
  | { readonly type: 'done'; readonly words: string }
  /** The balancer wants a token; `refused`: another one than that which was sent. */
  | { readonly type: 'token'; readonly refused: boolean }
  | { readonly type: 'failed'; readonly words: string };

export interface Call {
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
}

export function callOf(action: Action): Call {
  return action.do === 'start'
    ? { method: 'POST', path: '/servers/create' }
    : { method: 'DELETE', path: `/servers/${encodeURIComponent(action.id)}` };
}

/** In UTF-8, as other programs send it: of themselves headers take nothing beyond Latin-1, and throw. */
export function authorization(token: string): string {
  const bytes = Array.from(new TextEncoder().encode(token), (byte) => String.fromCharCode(byte));
  return `Bearer ${bytes.join('')}`;
}

/** What the balancer's answer means; `body`: its JSON, or undefined. */
export function outcomeOf(
  action: Action,
  status: number,
  body: unknown,
  tokenSent: boolean,
): Outcome {
  if (status === 401) return { type: 'token', refused: tokenSent };
  const said = isFields(body) ? body : {};
  if (status !== 200) {
    const error = said['error'];
    return {
      type: 'failed',
      words: typeof error === 'string' ? sentence(error) : `The balancer answered ${status}.`,
    };
  }
  if (action.do === 'drain') {
    return { type: 'done', words: `${action.name} drains: its viewers move, then it ends.` };
  }
  const url = said['url'];
  return {
    type: 'done',
    words: typeof url === 'string' ? `${serverName(url)} was started.` : 'A server was started.',
  };
}

/** As the balancer says it, with a capital letter and a full stop. */
export function sentence(text: string): string {
  const full = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(full) ? full : `${full}.`;
}

/** What is asked before it is done: `others` are the servers up besides this one. */
export function question(action: Action, others: number): string {
  if (action.do === 'start') {
    return 'Viewers are sent there as soon as it listens.';
  }
  const { viewers } = action;
  const moved =
    viewers === 0
      ? 'It has no viewers.'
      : `Its ${counted(viewers, 'viewer moves', 'viewers move')} to other servers, and nobody new is sent there.`;
  const last = ' No other server is up: new viewers get none until one has started.';
  return `${moved} Then it ends.${others === 0 ? last : ''}`;
}
