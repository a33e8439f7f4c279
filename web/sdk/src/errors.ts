import type { Failure } from './machine/state.ts';

/** What a server answers, as far as this release knows. */
export type ServerErrorCode =
  | 'bad_request'
  | 'unknown_type'
  | 'not_registered'
  | 'message_too_long'
  | 'rate_limited'
  | 'unavailable'
  | 'unauthorized';

/**
 * `queue_full`: too many lines wait already. `closed`: by `close()`. `refused`: the server wants
 * this client not to come back, `closeCode` says why.
 */
export type ClientErrorCode = 'queue_full' | 'closed' | 'refused';

/** Any string: a server of a later release may know more. Treat what you do not know like `bad_request`. */
export type ErrorCode = ServerErrorCode | ClientErrorCode | (string & {});

export class SpillwayError extends Error {
  override readonly name = 'SpillwayError';
  readonly code: ErrorCode;
  /** With `rate_limited` and `unavailable`: the room sends the line again by itself, not sooner. */
  readonly retryAfterMs: number | undefined;
  /** Of the line that it is about. */
  readonly id: string | undefined;
  /** Of the WebSocket, where that was the end. */
  readonly closeCode: number | undefined;

  constructor(failure: Failure) {
    super(failure.message);
    this.code = failure.code;
    this.retryAfterMs = failure.retryAfterMs;
    this.id = failure.id;
    this.closeCode = failure.closeCode;
  }
}
