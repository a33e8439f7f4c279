// The life of the page's connection to /stats/stream, as a pure step function: no EventSource, no
// timers, no clock.

export type Link =
  /** An EventSource was opened and has said nothing yet. */
  | { readonly at: 'connecting'; readonly attempt: number; readonly sinceMs: number }
  | { readonly at: 'open'; readonly lastEventMs: number }
  | { readonly at: 'waiting'; readonly attempt: number; readonly untilMs: number };

export type LinkEvent =
  | { readonly type: 'heard'; readonly nowMs: number }
  /** It was refused, has ended, or sent something that the page does not understand. */
  | { readonly type: 'failed'; readonly nowMs: number; readonly random: number }
  | { readonly type: 'tick'; readonly nowMs: number; readonly random: number }
  /** A person does not want to wait, or wants other rooms. */
  | { readonly type: 'again'; readonly nowMs: number };

export type LinkEffect = 'open' | 'close';

/** An event comes each second: after this long without one, what is shown is old. */
export const staleAfterMs = 3000;
/** And after this long the connection is given up: a browser may not notice that it is dead. */
export const silentAfterMs = 10_000;
/** The first event comes with the balancer's next second. */
const answerWithinMs = 5000;

const delayBaseMs = 1000;
const delayMaxMs = 15_000;

/** Half of it is left to chance, so that a balancer that is back does not get all pages at once. */
export function retryDelayMs(attempt: number, random: number): number {
  const ceiling = Math.min(delayMaxMs, delayBaseMs * 2 ** attempt);
  return ceiling * (0.5 + random / 2);
}

export function connect(nowMs: number): Link {
  return { at: 'connecting', attempt: 0, sinceMs: nowMs };
}

export function step(link: Link, event: LinkEvent): readonly [Link, readonly LinkEffect[]] {
  switch (event.type) {
    case 'heard':
      return link.at === 'waiting' ? [link, []] : [{ at: 'open', lastEventMs: event.nowMs }, []];
    case 'failed':
      return link.at === 'waiting' ? [link, []] : giveUp(link, event.nowMs, event.random);
    case 'again':
      return [connect(event.nowMs), ['close', 'open']];
    case 'tick':
      return tick(link, event.nowMs, event.random);
  }
}

function tick(link: Link, nowMs: number, random: number): readonly [Link, readonly LinkEffect[]] {
  switch (link.at) {
    case 'connecting':
      return nowMs - link.sinceMs < answerWithinMs ? [link, []] : giveUp(link, nowMs, random);
    case 'open':
      return nowMs - link.lastEventMs < silentAfterMs ? [link, []] : giveUp(link, nowMs, random);
    case 'waiting':
      return nowMs < link.untilMs
        ? [link, []]
        : [{ at: 'connecting', attempt: link.attempt, sinceMs: nowMs }, ['open']];
  }
}

function giveUp(link: Link, nowMs: number, random: number): readonly [Link, readonly LinkEffect[]] {
  const attempt = link.at === 'connecting' ? link.attempt : 0;
  const untilMs = nowMs + retryDelayMs(attempt, random);
  return [{ at: 'waiting', attempt: attempt + 1, untilMs }, ['close']];
}
