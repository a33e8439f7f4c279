// What goes over the WebSocket: the only code that knows the names of the fields. What came is
// `unknown` until `parseServerMessages` has looked at it. The protocol is docs/protocol.md.

/** How far a viewer is in a room. Positions of different epochs cannot be compared. */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

export interface Registered extends Position {
  readonly type: 'registered';
  readonly chatId: string;
  readonly viewers: number;
  /** Only where a position was asked for: whether everything after it follows. */
  readonly recovered?: boolean;
}

export interface Chat {
  readonly type: 'chat';
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly ts: number;
  readonly message: string;
  readonly id?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface Ack {
  readonly type: 'ack';
  readonly chatId: string;
  readonly id: string;
  readonly seq: number;
}

export interface Gap {
  readonly type: 'gap';
  readonly from: number;
  readonly to: number;
}

export interface Redistribute {
  readonly type: 'redistribute';
  readonly reason: string;
  readonly redirect?: string;
  readonly delayMs: number;
}

export interface Refusal {
  readonly type: 'error';
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number;
  readonly id?: string;
}

export type ServerMessage =
  | { readonly type: 'welcome'; readonly connected_at: string; readonly server: string }
  | Registered
  | Chat
  | Ack
  | { readonly type: 'viewers'; readonly viewers: number }
  | Gap
  | Redistribute
  | Refusal
  /** Of a later release, or not what its type should be: to be ignored. */
  | { readonly type: 'unknown' };

/** The latest time that a Date has, in milliseconds since 1970. */
const timeMax = 8.64e15;

type Fields = Readonly<Record<string, unknown>>;

const isString = (value: unknown): value is string => typeof value === 'string';
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
// 2^53 itself is a seq, though no safe integer.
const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 2 ** 53;
// What is later makes a Date throw.
const isTime = (value: unknown): value is number => isCount(value) && value <= timeMax;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The field if it is of the kind, to be spread: an optional field is right or absent. */
function optional<Name extends string, T>(
  fields: Fields,
  name: Name,
  isRight: (value: unknown) => value is T,
): { [K in Name]?: T } {
  const value = fields[name];
  return (isRight(value) ? { [name]: value } : {}) as { [K in Name]?: T };
}

type Reader = (fields: Fields) => ServerMessage | false;

// Each answers false where a field that it needs is missing or of another kind.
const readers: Readonly<Record<string, Reader>> = {
  welcome: ({ connected_at, server }) =>
    isString(connected_at) && isString(server) && { type: 'welcome', connected_at, server },
  registered: (fields) => {
    const { chatId, epoch, seq, viewers } = fields;
    const isWhole = isString(chatId) && isString(epoch) && isCount(seq) && isCount(viewers);
    if (!isWhole) return false;
    const recovered = optional(fields, 'recovered', isBoolean);
    return { type: 'registered', chatId, epoch, seq, ...recovered, viewers };
  },
  chat: (fields) => {
    const { seq, ts, message } = fields;
    if (!isCount(seq) || !isString(message)) return false;
    const [id, data] = [optional(fields, 'id', isString), optional(fields, 'data', isFields)];
    return { type: 'chat', seq, ...id, ts: isTime(ts) ? ts : 0, message, ...data };
  },
  ack: ({ chatId, id, seq }) =>
    isString(chatId) && isString(id) && isCount(seq) && { type: 'ack', chatId, id, seq },
  viewers: ({ viewers }) => isCount(viewers) && { type: 'viewers', viewers },
  gap: ({ from, to }) => isCount(from) && isCount(to) && from <= to && { type: 'gap', from, to },
  redistribute: (fields) => {
    const { reason, delayMs } = fields;
    if (!isString(reason) || !isCount(delayMs)) return false;
    return { type: 'redistribute', reason, ...optional(fields, 'redirect', isString), delayMs };
  },
  error: (fields) => {
    const { code, message } = fields;
    if (!isString(code) || !isString(message)) return false;
    const after = optional(fields, 'retryAfterMs', isCount);
    return { type: 'error', code, message, ...after, ...optional(fields, 'id', isString) };
  },
};

function read(message: Fields): ServerMessage {
  const { type, payload } = message;
  const reader = isString(type) && Object.hasOwn(readers, type) ? readers[type] : undefined;
  // Of two messages the fields stand at the top: `chat`, for the simplest of clients, and `welcome`.
  const isFlat = type === 'chat' || type === 'welcome';
  const fields = isFlat ? message : payload;
  return (isFields(fields) && reader?.(fields)) || { type: 'unknown' };
}

/** The messages of one WebSocket message, in either form. undefined: that was none of a server. */
export function parseServerMessages(text: unknown): ServerMessage[] | undefined {
  let value: unknown;
  try {
    value = isString(text) ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
  const messages: readonly unknown[] = Array.isArray(value) ? value : [value];
  return messages.every(isFields) ? messages.map(read) : undefined;
}

export function encodeRegister(
  chatId: string,
  options: { readonly since?: Position | undefined; readonly history?: number | undefined },
): string {
  const { since, history } = options;
  return JSON.stringify({ type: 'register', payload: { chatId, since, history } });
}

/** Throws a TypeError where `data` is nothing that JSON can say. */
export function encodeChat(
  message: string,
  options: { readonly id?: string; readonly data?: Readonly<Record<string, unknown>> | undefined },
): string {
  const { id, data } = options;
  return JSON.stringify({ type: 'chat', payload: { message, id, data } });
}

/** The URL in what the balancer answered to `GET /servers/provision`. */
export function parseProvisioned(answer: unknown): string | undefined {
  return isFields(answer) && isString(answer['url']) ? answer['url'] : undefined;
}
