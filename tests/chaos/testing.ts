// Histories for the judge's tests, in few words: one room, viewers told this and that.
import { expect } from 'vitest';
import type { ServerMessage } from '../integration/harness/messages.ts';
import type {
  EpochFact,
  History,
  Loss,
  Reported,
  Said,
  SendOutcome,
  Viewing,
  Visit,
} from './history.ts';
import { judge } from './judge.ts';

export const room = 'lobby';

export const chat = (seq: number, text = `line ${seq}`): ServerMessage => ({
  type: 'chat',
  seq,
  id: `id of ${text}`,
  ts: 1000 + seq,
  message: text,
});
export const chats = (from: number, to: number): ServerMessage[] =>
  Array.from({ length: to - from + 1 }, (_, index) => chat(from + index));
export const registered = (epoch: string, seq: number, recovered?: boolean): ServerMessage => ({
  type: 'registered',
  payload: {
    chatId: room,
    epoch,
    seq,
    viewers: 1,
    ...(recovered === undefined ? {} : { recovered }),
  },
});
export const gap = (from: number, to: number): ServerMessage => ({
  type: 'gap',
  payload: { from, to },
});
export const ack = (text: string, seq: number): ServerMessage => ({
  type: 'ack',
  payload: { chatId: room, id: `id of ${text}`, seq },
});
export const refusal = (text: string): ServerMessage => ({
  type: 'error',
  payload: { code: 'unavailable', message: 'later', id: `id of ${text}` },
});

export type Told = readonly ServerMessage[];

/** A viewer whose connections were told these; each asks to go on from where the last one ended. */
export function viewer(name: string, position: string, ...connections: Told[]): Viewing {
  let since: Visit['since'];
  const visits = connections.map((told, connection): Visit => {
    const visit = { viewer: name, room, server: 'ws://a', connection, since, told, violations: [] };
    for (const message of told) {
      if (message.type === 'registered') since = message.payload;
      if (message.type === 'chat' && since !== undefined) since = { ...since, seq: message.seq };
      if (message.type === 'gap' && since !== undefined) {
        since = { ...since, seq: message.payload.to };
      }
    }
    return visit;
  });
  const [epoch = '', seq] = position.split(':');
  return {
    name,
    room,
    visits,
    said: [],
    position: { epoch, seq: Number(seq) },
    left: false,
    troubles: [],
  };
}

export const said = (text: string, ...connections: number[]): Said => ({
  viewer: 'ann',
  room,
  id: `id of ${text}`,
  text,
  tries: connections.map((connection) => ({ connection, at: 100 })),
});
export const saying = (viewing: Viewing, ...lines: Said[]): Viewing => ({
  ...viewing,
  said: lines,
});

/** The SDK's viewer, and what it told its page. */
export const reporting = (viewing: Viewing, ...report: Reported[]): Viewing => ({
  ...viewing,
  report,
});
export const shows = (epoch: string, seq: number, text = `line ${seq}`): Reported => ({
  type: 'message',
  epoch,
  seq,
  id: `id of ${text}`,
  ts: 1000 + seq,
  text,
  data: undefined,
});
export const showsAll = (epoch: string, from: number, to: number): Reported[] =>
  Array.from({ length: to - from + 1 }, (_, index) => shows(epoch, from + index));
export const tellsGap = (epoch: string, from?: number, to?: number): Reported => ({
  type: 'gap',
  epoch,
  from,
  to,
});
export const settled = (line: Said, outcome: SendOutcome): Said => ({ ...line, outcome });

export interface Around {
  readonly epochs?: readonly EpochFact[];
  readonly losses?: readonly Loss[];
  readonly redisStarts?: number;
  readonly history?: number;
}

export const first: EpochFact = { room, epoch: 'E', prevEpoch: '', prevSeq: 0 };
export const fact = (epoch: string, prevEpoch: string, prevSeq: number): EpochFact => ({
  room,
  epoch,
  prevEpoch,
  prevSeq,
});

export function wrongs(end: string, viewings: readonly Viewing[], around: Around = {}): string[] {
  const [epoch = '', seq] = end.split(':');
  const history: History = {
    viewings,
    epochs: around.epochs ?? [first],
    losses: around.losses ?? [],
    redisStarts: around.redisStarts ?? 1,
    rooms: [{ room, epoch, seq: Number(seq), log: [] }],
    historyMessages: around.history ?? 200,
    historyIsAmple: around.history === undefined,
  };
  return [...judge(history).wrong];
}

/** The only thing wrong. */
export function wrong(end: string, viewings: readonly Viewing[], around: Around = {}): string {
  const found = wrongs(end, viewings, around);
  expect(found).toHaveLength(1);
  return found[0] ?? '';
}
