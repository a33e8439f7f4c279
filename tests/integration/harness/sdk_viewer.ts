// A viewer by our own SDK, over `ws`, and a record of all that it was told.
import { WebSocket } from 'ws';
import {
  SpillwayClient,
  type ClientOptions,
  type JoinOptions,
  type Message,
  type Room,
  type RoomState,
  type Gap,
  type SpillwayError,
} from '../../../web/sdk/src/index.ts';
import type { Stage } from './stage.ts';
import { Changes } from './wait.ts';

export class SdkViewer {
  readonly room: Room;
  readonly messages: Message[] = [];
  readonly states: RoomState[] = [];
  readonly gaps: Gap[] = [];
  readonly errors: SpillwayError[] = [];
  readonly #client: SpillwayClient;
  readonly #changes = new Changes();

  constructor(name: string, where: ClientOptions, options: JoinOptions = {}) {
    this.#client = new SpillwayClient({ WebSocket, ...where });
    this.room = this.#client.join(name, options);
    this.#record('message', this.messages);
    this.#record('state', this.states);
    this.#record('gap', this.gaps);
    this.#record('error', this.errors);
    this.room.on('viewers', () => this.#changes.changed());
  }

  /** Resolves when it is in the room; it leaves when the test ends. */
  static async join(
    stage: Stage,
    where: ClientOptions,
    options: JoinOptions = {},
    name = 'lobby',
  ): Promise<SdkViewer> {
    const viewer = new SdkViewer(name, where, options);
    stage.onEnd(() => viewer.close());
    await viewer.until(() => viewer.url !== '');
    return viewer;
  }

  /** Of the server that it is on; empty while it is on none. */
  get url(): string {
    const { state } = this.room;
    return state.name === 'joined' ? state.url : '';
  }

  get texts(): string[] {
    return this.messages.map(({ text }) => text);
  }

  async until(condition: () => boolean, limitMs?: number): Promise<void> {
    const describe = (): string => `${condition}; ${this.describe()}`;
    await this.#changes.until(condition, describe, limitMs);
  }

  /** Says all of it; resolves with the seqs when all of it is in the log. */
  async sayAll(texts: readonly string[]): Promise<number[]> {
    const sent = await Promise.all(texts.map((text) => this.room.send(text)));
    return sent.map(({ seq }) => seq);
  }

  close(): void {
    this.#client.close();
  }

  describe(): string {
    const last = this.messages.at(-1);
    return `sdk viewer with ${this.messages.length} messages, the last ${JSON.stringify(last)}, states ${JSON.stringify(this.states.slice(-5))}, gaps ${JSON.stringify(this.gaps)}, errors ${this.errors.join('; ')}`;
  }

  #record<Name extends 'message' | 'state' | 'gap' | 'error'>(
    name: Name,
    list: Parameters<Parameters<typeof this.room.on<Name>>[1]>[0][],
  ): void {
    this.room.on(name, (value) => {
      list.push(value);
      this.#changes.changed();
    });
  }
}
