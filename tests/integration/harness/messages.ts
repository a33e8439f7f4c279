// What a server says, checked where it comes in: everything behind `parseServerMessage` is typed.

export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

export interface Welcome {
  readonly type: 'welcome';
  readonly connected_at: string;
  readonly server: string;
}

export interface Registered {
  readonly type: 'registered';
  readonly payload: {
    readonly chatId: string;
    readonly epoch: string;
    readonly seq: number;
    readonly recovered?: boolean;
    readonly viewers: number;
  };
}

export interface Chat {
  readonly type: 'chat';
  readonly seq: number;
  readonly id?: string;
  readonly ts: number;
  readonly message: string;
  readonly data?: unknown;
}

export interface Ack {
  readonly type: 'ack';
  readonly payload: { readonly chatId: string; readonly id: string; readonly seq: number };
}

export interface Viewers {
  readonly type: 'viewers';
  readonly payload: { readonly viewers: number };
}

export interface Gap {
  readonly type: 'gap';
  readonly payload: { readonly from: number; readonly to: number };
}

export interface Redistribute {
  readonly type: 'redistribute';
  readonly payload: {
    readonly reason: string;
    readonly redirect?: string;
    readonly delayMs: number;
  };
}

export interface ErrorMessage {
  readonly type: 'error';
  readonly payload: {
    readonly code: string;
    readonly message: string;
    readonly retryAfterMs?: number;
    readonly id?: string;
  };
}

export type ServerMessage =
  Welcome | Registered | Chat | Ack | Viewers | Gap | Redistribute | ErrorMessage;

type Kind = 'string' | 'number' | 'boolean' | 'any';
/** Field names with their kinds; a question mark behind the name: may be missing. */
type Shape = Readonly<Record<string, Kind>>;

const topLevel: Readonly<Record<ServerMessage['type'], Shape>> = {
  welcome: { connected_at: 'string', server: 'string' },
  chat: { seq: 'number', 'id?': 'string', ts: 'number', message: 'string', 'data?': 'any' },
  registered: {},
  ack: {},
  viewers: {},
  gap: {},
  redistribute: {},
  error: {},
};

const payloads: Readonly<Partial<Record<ServerMessage['type'], Shape>>> = {
  registered: {
    chatId: 'string',
    epoch: 'string',
    seq: 'number',
    'recovered?': 'boolean',
    viewers: 'number',
  },
  ack: { chatId: 'string', id: 'string', seq: 'number' },
  viewers: { viewers: 'number' },
  gap: { from: 'number', to: 'number' },
  redistribute: { reason: 'string', 'redirect?': 'string', delayMs: 'number' },
  error: { code: 'string', message: 'string', 'retryAfterMs?': 'number', 'id?': 'string' },
};

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function complaint(object: Record<string, unknown>, shape: Shape): string | undefined {
  const known = new Set<string>();
  for (const [field, kind] of Object.entries(shape)) {
    const name = field.replace('?', '');
    known.add(name);
    const value = object[name];
    if (value === undefined && field.endsWith('?')) continue;
    if (value === undefined) return `lacks ${name}`;
    if (kind !== 'any' && typeof value !== kind) return `has a ${name} that is no ${kind}`;
  }
  const stranger = Object.keys(object).find((name) => !known.has(name));
  return stranger === undefined ? undefined : `has an unknown field ${stranger}`;
}

function isServerMessage(value: unknown): value is ServerMessage {
  if (!isRecord(value)) throw new Error('is no object');
  const { type, ...fields } = value;
  if (typeof type !== 'string' || !Object.hasOwn(topLevel, type))
    throw new Error('has no known type');
  const kind = type as ServerMessage['type'];
  const payloadShape = payloads[kind];
  const { payload, ...rest } = fields;
  const wrong =
    complaint(payloadShape === undefined ? fields : rest, topLevel[kind]) ??
    (payloadShape === undefined
      ? undefined
      : complaint(isRecord(payload) ? payload : {}, payloadShape));
  if (wrong !== undefined) throw new Error(wrong);
  return true;
}

/** Throws, with the message in the text, when it has not exactly the form of the protocol. */
export function parseServerMessage(value: unknown): ServerMessage {
  try {
    if (isServerMessage(value)) return value;
  } catch (error) {
    throw new Error(`${JSON.stringify(value)} ${String(error)}`, { cause: error });
  }
  throw new Error('unreachable: the check throws or is true');
}
