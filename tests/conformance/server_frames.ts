// Reads what a server sends and refuses whatever RFC 6455 section 5 forbids it.
import { isUtf8 } from 'node:buffer';
import { shortestForm, type LengthForm } from './frames.ts';

export interface ServerFrame {
  readonly opcode: number;
  readonly compressed: boolean;
  readonly payload: Buffer;
}

const names = new Map([
  [1, 'text'],
  [2, 'binary'],
  [8, 'close'],
  [9, 'ping'],
  [10, 'pong'],
]);

export const describeFrame = ({ opcode, payload }: ServerFrame): string =>
  `${names.get(opcode)} of ${payload.length} bytes ${JSON.stringify(payload.toString('latin1', 0, 40))}`;

function checkFirstByte(first: number, deflate: boolean): void {
  const opcode = first & 0x0f;
  // This server promises never to fragment: then there is no continuation either.
  if (!names.has(opcode)) throw new Error(`opcode ${opcode}`);
  if ((first & 0x80) === 0) throw new Error('a fragment');
  if ((first & 0x30) !== 0) throw new Error('RSV2 or RSV3 is set');
  if ((first & 0x40) !== 0 && !(deflate && opcode < 8)) throw new Error('RSV1 is set');
}

function checkClose(payload: Buffer): void {
  if (payload.length === 0) return;
  if (payload.length === 1) throw new Error('half a close code');
  const code = payload.readUInt16BE();
  const mayBeSent =
    (code >= 1000 && code <= 1003) ||
    (code >= 1007 && code <= 1014) ||
    (code >= 3000 && code < 5000);
  if (!mayBeSent) throw new Error(`close code ${code}`);
  if (!isUtf8(payload.subarray(2))) throw new Error('a close reason that is not UTF-8');
}

export class ServerFrames {
  #bytes = Buffer.alloc(0);
  readonly #parts: Buffer[] = [];
  #waiting = 0;
  #needed = 2;
  readonly #deflate: boolean;

  constructor(deflate: boolean) {
    this.#deflate = deflate;
  }

  /** Between two frames. */
  get idle(): boolean {
    return this.#bytes.length + this.#waiting === 0;
  }

  /** The frames that are complete now. */
  take(bytes: Buffer): ServerFrame[] {
    this.#parts.push(bytes);
    this.#waiting += bytes.length;
    if (this.#bytes.length + this.#waiting < this.#needed) return []; // joins large frames once
    this.#bytes = Buffer.concat([this.#bytes, ...this.#parts.splice(0)]);
    this.#waiting = 0;
    const frames: ServerFrame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): ServerFrame | undefined {
    const bytes = this.#bytes;
    this.#needed = 2;
    if (bytes.length < 2) return undefined;
    const [first = 0, second = 0] = bytes;
    checkFirstByte(first, this.#deflate);
    if ((second & 0x80) !== 0) throw new Error('a masked frame');
    const form: LengthForm = second === 126 ? 16 : second === 127 ? 64 : 7;
    const header = form === 7 ? 2 : form === 16 ? 4 : 10;
    this.#needed = header;
    if (bytes.length < header) return undefined;
    const declared =
      form === 7
        ? BigInt(second)
        : form === 16
          ? BigInt(bytes.readUInt16BE(2))
          : bytes.readBigUInt64BE(2);
    if (shortestForm(declared) !== form) throw new Error(`${declared} bytes in ${form} bits`);
    const opcode = first & 0x0f;
    if (opcode >= 8 && form !== 7) throw new Error('a control frame of more than 125 bytes');
    this.#needed = header + Number(declared);
    if (bytes.length < this.#needed) return undefined;
    const payload = bytes.subarray(header, this.#needed);
    if (opcode === 8) checkClose(payload);
    this.#bytes = bytes.subarray(this.#needed);
    return { opcode, compressed: (first & 0x40) !== 0, payload };
  }
}
