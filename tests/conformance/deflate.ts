// Both ends of permessage-deflate (RFC 7692) by zlib. A window that is kept between messages is
// given as a dictionary, which for raw DEFLATE is the same thing.
import { constants, deflateRawSync, inflateRawSync, type ZlibOptions } from 'node:zlib';

export const tail = Buffer.of(0, 0, 0xff, 0xff);

/** The payload of a message compressed by itself. `options`: zlib's, to choose the kind of blocks. */
export function compress(message: string | Buffer, options: ZlibOptions = {}): Buffer {
  const flushed = { level: 6, ...options, finishFlush: constants.Z_SYNC_FLUSH };
  const bytes = deflateRawSync(message, flushed);
  if (!bytes.subarray(-4).equals(tail)) throw new Error('zlib flushes with 00 00 ff ff');
  return bytes.subarray(0, -4);
}

/** One direction of one connection. */
export class Window {
  #history = Buffer.alloc(0);
  readonly #bits: number;
  readonly #takeover: boolean;

  constructor(bits: number, takeover: boolean) {
    this.#bits = bits;
    this.#takeover = takeover;
  }

  compress(message: Buffer): Buffer {
    const options = this.#options();
    this.#remember(message);
    return compress(message, options);
  }

  /** Throws on whatever reaches further back than was agreed. */
  decompress(payload: Buffer): Buffer {
    // zlib sees a distance that is too far only across calls: small ones keep it strict.
    const chunkSize = this.#bits < 15 ? 64 : 64 * 1024;
    const options = { ...this.#options(), chunkSize, finishFlush: constants.Z_SYNC_FLUSH };
    const message = inflateRawSync(Buffer.concat([payload, tail]), options);
    this.#remember(message);
    return message;
  }

  #options(): ZlibOptions {
    const options = { windowBits: this.#bits };
    return this.#history.length > 0 ? { ...options, dictionary: this.#history } : options;
  }

  #remember(message: Buffer): void {
    if (!this.#takeover) return;
    this.#history = Buffer.concat([this.#history, message]).subarray(-(2 ** this.#bits));
  }
}

/** What an answer's Sec-WebSocket-Extensions says. */
export interface Agreed {
  readonly server_no_context_takeover: boolean;
  readonly client_no_context_takeover: boolean;
  readonly server_max_window_bits: number | undefined;
  readonly client_max_window_bits: number | undefined;
}

const bits = /^(?:[89]|1[0-5])$/;

/** undefined: no compression. Throws on what no answer may be (section 7.1). */
export function parseAgreed(value: string | undefined): Agreed | undefined {
  if (value === undefined) return undefined;
  const [name, ...parameters] = value.split(/\s*;\s*/);
  if (name !== 'permessage-deflate') throw new Error(`agreed to ${value}`);
  const said = new Map(parameters.map((p) => [p.split('=')[0] ?? '', p.split('=')[1]]));
  if (said.size !== parameters.length) throw new Error(`a parameter twice in ${value}`);
  const flag = (parameter: string): boolean => {
    const there = said.has(parameter);
    if (said.get(parameter) !== undefined) throw new Error(`a value in ${value}`);
    said.delete(parameter);
    return there;
  };
  const size = (parameter: string): number | undefined => {
    if (!said.has(parameter)) return undefined;
    const text = said.get(parameter) ?? '';
    if (!bits.test(text)) throw new Error(`bits in ${value}`);
    said.delete(parameter);
    return Number(text);
  };
  const agreed = {
    server_no_context_takeover: flag('server_no_context_takeover'),
    client_no_context_takeover: flag('client_no_context_takeover'),
    server_max_window_bits: size('server_max_window_bits'),
    client_max_window_bits: size('client_max_window_bits'),
  };
  if (said.size > 0) throw new Error(`unknown parameters in ${value}`);
  return agreed;
}
