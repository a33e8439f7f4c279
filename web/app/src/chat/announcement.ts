import type { Line } from './line_list.ts';

/** How many lines are read out as they are; more are only counted. */
const readMax = 3;

function words(line: Line): string {
  return line.kind === 'message' ? `${line.name}: ${line.text}` : 'Some messages were skipped.';
}

/** A busy room is told of seldom, or nothing else could be heard. */
export function isDue(count: number, quietMs: number): boolean {
  return count > 0 && (count <= 20 || quietMs >= 15_000);
}

/**
 * What a screen reader is told of the lines since the last time, `news` being the newest of `count`.
 * In a busy room that is a number and the newest line.
 */
export function announcement(news: readonly Line[], count: number): string {
  const newest = news.at(-1);
  if (newest === undefined || count === 0) return '';
  if (count <= readMax) return news.slice(-count).map(words).join('\n');
  return `${count} new messages. ${words(newest)}`;
}
