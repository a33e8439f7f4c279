// What the page says about the connection, and why a line was refused.
import type { RoomState, SpillwayError } from '@spillway/client';

export type Health = 'good' | 'busy' | 'lost';

export interface ConnectionWords {
  readonly health: Health;
  readonly text: string;
}

const closedWords: Readonly<Record<string, string>> = {
  unauthorized: 'This room does not let you in',
  refused: 'The server ended this: it will not let you back in',
  bad_request: 'The server does not know this room',
};

export function connectionWords(state: RoomState): ConnectionWords {
  switch (state.name) {
    case 'connecting':
      return { health: 'busy', text: 'Connecting…' };
    case 'joined':
      return { health: 'good', text: 'Connected' };
    case 'waiting':
      return { health: 'lost', text: 'Connection lost, coming back…' };
    case 'closed': {
      const { error } = state;
      if (error === undefined) return { health: 'lost', text: 'Left the room' };
      return { health: 'lost', text: closedWords[error.code] ?? `Closed: ${error.message}` };
    }
  }
}

const refusals: Readonly<Record<string, string>> = {
  message_too_long: 'it is too long',
  queue_full: 'too many messages wait already',
  closed: 'the room was left',
  unauthorized: 'you may not write here',
  refused: 'the server ended the connection',
};

export function whyRefused({ code, message }: Pick<SpillwayError, 'code' | 'message'>): string {
  return refusals[code] ?? message;
}

/** Why lines wait, for the next `seconds`. */
export function waitWords(code: string, seconds: number): string {
  const why = code === 'rate_limited' ? 'That was a lot at once.' : 'The server is busy.';
  return `${why} Your next message goes out in ${seconds} s.`;
}
