// A question that describes a fleet as it is now, from its /redis-stats.
import { Room } from '../../monitor/model/room.ts';
import * as wire from '../../shared/wire.ts';
import type { Question } from './question.ts';

interface Live {
  readonly viewers: readonly number[];
  readonly messagesPerS: number;
}

/** A second an entry: nothing in /redis-stats says when it was read. */
const seconds = Float64Array.from({ length: 100 }, (_, at) => at * 1000);

export function parseLive(value: unknown): Live {
  const stats = wire.fields(value, '/redis-stats');
  const rooms = Object.entries(wire.fields(stats['chatRooms'], 'chatRooms'));
  const viewers: number[] = [];
  let messagesPerS = 0;
  for (const [name, one] of rooms) {
    const room = new Room(name, wire.fields(one, 'a room'));
    if (room.viewers > 0) viewers.push(room.viewers);
    messagesPerS += room.messagesPerS(seconds) ?? 0;
  }
  return { viewers, messagesPerS };
}

/** Σ share² of `rooms` rooms whose n-th is in proportion to 1/n^s: what deliveries grow with. */
export function concentration(rooms: number, s: number): number {
  let [sum, squares] = [0, 0];
  for (let n = 1; n <= rooms; n += 1) {
    const size = n ** -s;
    sum += size;
    squares += size * size;
  }
  return squares / (sum * sum);
}

/** The steepness with which as many rooms are as unequal as these. */
export function steepness(viewers: readonly number[]): number {
  const users = viewers.reduce((sum, count) => sum + count, 0);
  const wanted = viewers.reduce((sum, count) => sum + (count / users) ** 2, 0);
  let [low, high] = [0, 10];
  for (let i = 0; i < 30; i += 1) {
    const middle = (low + high) / 2;
    if (concentration(viewers.length, middle) < wanted) low = middle;
    else high = middle;
  }
  return low;
}

export const nobody = 'Nobody is in any room now.';
export const silent = 'Nobody says anything now, so there is no interval to reckon with.';

/** The same deliveries a second, come what may of rounding; or why there is no such question. */
export function questionOf({ viewers, messagesPerS }: Live, question: Question): Question | string {
  const users = viewers.reduce((sum, count) => sum + count, 0);
  if (users === 0) return nobody;
  if (messagesPerS <= 0) return silent;
  const s = steepness(viewers);
  return {
    ...question,
    users: `${users}`,
    rooms: `${viewers.length}`,
    interval: intervalText(users / messagesPerS),
    distribution: s < 0.05 ? 'uniform' : `zipf:${s.toFixed(2)}`,
  };
}

/** Three digits that count, with the unit: 450ms, 12.5s. */
export function intervalText(inSeconds: number): string {
  if (inSeconds < 1) return `${Math.max(1, Math.round(inSeconds * 1000))}ms`;
  return `${Number(Math.min(inSeconds, 30 * 86_400).toPrecision(3))}s`;
}
