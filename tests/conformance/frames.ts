// Client frames (RFC 6455 section 5.2) with any bits, also those that no client may send.
import { randomBytes } from 'node:crypto';

export const opcodes = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;

/** RSV1 to RSV3 as the three bits that they are. */
export const rsv1 = 4;

export type LengthForm = 7 | 16 | 64;

export interface FrameOptions {
  readonly final?: boolean;
  readonly rsv?: number;
  /** Four bytes, or none: not masked. Left out: random ones. */
  readonly mask?: Buffer | undefined;
  /** Bits of the length; left out: the shortest that hold it. */
  readonly length?: LengthForm;
  /** What the header says; left out: the truth. */
  readonly declared?: bigint;
}

export function shortestForm(bytes: bigint): LengthForm {
  return bytes < 126n ? 7 : bytes < 65_536n ? 16 : 64;
}

function lengthBytes(isMasked: boolean, bytes: bigint, form: LengthForm): Buffer {
  const out = Buffer.alloc(form === 7 ? 1 : form === 16 ? 3 : 9);
  out[0] = (isMasked ? 0x80 : 0) | (form === 7 ? Number(bytes) : form === 16 ? 126 : 127);
  if (form === 16) out.writeUInt16BE(Number(bytes), 1);
  if (form === 64) out.writeBigUInt64BE(bytes, 1);
  return out;
}

export function masked(payload: Buffer, mask: Buffer): Buffer {
  const out = Buffer.from(payload);
  for (let i = 0; i < out.length; i += 1) out[i] = (out[i] ?? 0) ^ (mask[i & 3] ?? 0);
  return out;
}

export function frame(
  opcode: number,
  payload: string | Buffer = '',
  options: FrameOptions = {},
): Buffer {
  const bytes = Buffer.from(payload);
  const mask = 'mask' in options ? options.mask : randomBytes(4);
  const declared = options.declared ?? BigInt(bytes.length);
  const first = (options.final === false ? 0 : 0x80) | ((options.rsv ?? 0) << 4) | opcode;
  const form = options.length ?? shortestForm(declared);
  const length = lengthBytes(mask !== undefined, declared, form);
  const rest = mask === undefined ? [bytes] : [mask, masked(bytes, mask)];
  return Buffer.concat([Buffer.of(first), length, ...rest]);
}

export function closePayload(code: number, reason: string | Buffer = ''): Buffer {
  return Buffer.concat([Buffer.of(code >> 8, code & 0xff), Buffer.from(reason)]);
}

export const text = (payload: string | Buffer = '', options?: FrameOptions): Buffer =>
  frame(opcodes.text, payload, options);
export const binary = (payload: string | Buffer = '', options?: FrameOptions): Buffer =>
  frame(opcodes.binary, payload, options);
export const continuation = (payload: string | Buffer = '', options?: FrameOptions): Buffer =>
  frame(opcodes.continuation, payload, options);
export const ping = (payload: string | Buffer = '', options?: FrameOptions): Buffer =>
  frame(opcodes.ping, payload, options);
export const pong = (payload: string | Buffer = '', options?: FrameOptions): Buffer =>
  frame(opcodes.pong, payload, options);
export const close = (code: number, reason: string | Buffer = ''): Buffer =>
  frame(opcodes.close, closePayload(code, reason));

/** A message whose fragments have these payloads. `rsv` is the first one's. */
export function fragments(opcode: number, payloads: readonly Buffer[], rsv = 0): Buffer[] {
  return payloads.map((payload, i) =>
    frame(i === 0 ? opcode : opcodes.continuation, payload, {
      final: i === payloads.length - 1,
      rsv: i === 0 ? rsv : 0,
    }),
  );
}

/** The bytes in pieces of that size; an empty buffer is one empty piece. */
export function pieces(bytes: Buffer, size: number): Buffer[] {
  const count = Math.max(1, Math.ceil(bytes.length / size));
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/** Text whose bytes repeat here and there, as chats do. */
export function chatLike(bytes: number): Buffer {
  let made = '';
  for (let i = 0; made.length < bytes; i += 1) made += `{"seq":${i},"message":"hello number ${i}"}`;
  return Buffer.from(made.slice(0, bytes));
}

/** Bytes that no compressor shortens, below 0x80 if they are for text; the same every time. */
export function noise(bytes: number, below = 256): Buffer {
  const made = Buffer.alloc(bytes);
  let state = 12_345 + bytes;
  for (let i = 0; i < bytes; i += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    made[i] = (state >>> 16) % below;
  }
  return made;
}
