// HTTP as bytes: what a client library would not let a test send.
import { connect, type Socket } from 'node:net';
import { Changes } from './wait.ts';

export class RawConnection {
  /** All that came back, as Latin-1. */
  received = '';
  ended = false;
  readonly #socket: Socket;
  readonly #changes = new Changes();

  private constructor(port: number) {
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => {
      this.received += text;
      this.#changes.changed();
    });
    this.#socket.on('connect', () => this.#changes.changed());
    this.#socket.on('end', () => this.#end());
    this.#socket.on('close', () => this.#end());
    this.#socket.on('error', () => this.#end());
  }

  static async open(port: number): Promise<RawConnection> {
    const connection = new RawConnection(port);
    await connection.until(() => !connection.#socket.connecting);
    return connection;
  }

  /** Resolves when the kernel has taken it; what is sent after the end goes nowhere. */
  async send(bytes: string | Buffer): Promise<void> {
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    await new Promise<void>((resolve) => this.#socket.write(data, () => resolve()));
  }

  async until(condition: () => boolean, limitMs?: number): Promise<void> {
    const describe = (): string => `${condition}; ended: ${this.ended}, got ${this.received}`;
    await this.#changes.until(condition, describe, limitMs);
  }

  /** All that came back until the server ended it. */
  async answer(limitMs?: number): Promise<string> {
    await this.until(() => this.ended, limitMs);
    this.destroy();
    return this.received;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #end(): void {
    this.ended = true;
    this.#changes.changed();
  }
}

/** Sends bytes and returns all that comes back until the server closes. */
export async function exchange(port: number, bytes: string | Buffer): Promise<string> {
  const connection = await RawConnection.open(port);
  await connection.send(bytes);
  return connection.answer();
}

export function statuses(answer: string): number[] {
  return [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

/** A GET with these header lines and this body. */
export function get(path: string, lines: readonly string[] = [], body = ''): string {
  return [`GET ${path} HTTP/1.1`, 'Host: x', ...lines, '', body].join('\r\n');
}
