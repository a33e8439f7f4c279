import { useEffect, useLayoutEffect, useRef, type RefObject } from 'react';
import type { LineView } from './line_list.ts';

export interface Scrolling {
  /** Somebody wants to read further up. */
  readonly onUp: () => void;
  /** The end of what is shown was reached. */
  readonly onEnd: () => void;
  readonly onNewest: () => void;
}

const endPixels = 4;
/** Beyond, somebody has dragged the scroll bar. */
const leftPixels = 80;

/** A browser's gliding to where a key or wheel led goes on for a moment after it was made pointless. */
const glideMs = 300;

const upKeys = new Set(['ArrowUp', 'PageUp', 'Home']);

function fromEnd(element: HTMLElement): number {
  return element.scrollHeight - element.scrollTop - element.clientHeight;
}

/**
 * Keeps the end of the list in view while it follows, and what is read in its place when it is
 * paused. A wheel, a finger or a key pauses at once: to wait for the scroll position would mean to
 * fight, 60 times a second, over where that is. Returns the ref of what scrolls.
 */
export function useFollow(
  { isPaused, lines }: Pick<LineView, 'isPaused' | 'lines'>,
  scrolling: Scrolling,
): RefObject<HTMLDivElement | null> {
  const box = useRef<HTMLDivElement>(null);
  const endWas = useRef(0); // how far the upper edge was from the end, when it was paused
  const wasPaused = useRef(isPaused);
  const topWas = useRef(0); // at the last scroll, by hand or by us
  const followsSince = useRef(0);
  const latest = useRef({ isPaused, ...scrolling });
  useLayoutEffect(() => {
    latest.current = { isPaused, ...scrolling };
  });

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    if (!isPaused && wasPaused.current) followsSince.current = performance.now();
    if (!isPaused) element.scrollTop = element.scrollHeight;
    else if (!wasPaused.current) element.scrollTop = element.scrollHeight - endWas.current;
    wasPaused.current = isPaused;
    topWas.current = element.scrollTop;
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- new lines move the end
  }, [isPaused, lines]);

  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    let fingerWas = 0;
    const up = (): void => {
      if (latest.current.isPaused || element.scrollHeight <= element.clientHeight) return;
      endWas.current = element.scrollHeight - element.scrollTop;
      latest.current.onUp();
    };
    const onScroll = (): void => {
      const isDownwards = element.scrollTop > topWas.current;
      topWas.current = element.scrollTop;
      if (!latest.current.isPaused) {
        const mayGlide = performance.now() - followsSince.current < glideMs;
        if (mayGlide) element.scrollTop = element.scrollHeight;
        else if (fromEnd(element) > leftPixels) up();
      } else if (isDownwards && fromEnd(element) <= endPixels) {
        latest.current.onEnd();
      }
    };
    const onWheel = ({ deltaY }: WheelEvent): void => {
      if (deltaY < 0) up();
    };
    const onTouchStart = ({ touches }: TouchEvent): void => {
      fingerWas = touches[0]?.clientY ?? 0;
    };
    const onTouchMove = ({ touches }: TouchEvent): void => {
      if ((touches[0]?.clientY ?? 0) > fingerWas + endPixels) up();
    };
    const onKeyDown = (event: KeyboardEvent): void => {
      if (upKeys.has(event.key)) up();
      if (event.key !== 'End') return;
      event.preventDefault(); // it would glide to where the end was
      latest.current.onNewest();
    };
    // Its size changes with the window and a phone's keyboard, that of its content with what is
    // still being sent.
    const resized = new ResizeObserver(() => {
      if (!latest.current.isPaused) element.scrollTop = element.scrollHeight;
    });
    resized.observe(element);
    for (const child of element.children) resized.observe(child);
    const gone = new AbortController();
    const options = { passive: true, signal: gone.signal };
    element.addEventListener('scroll', onScroll, options);
    element.addEventListener('wheel', onWheel, options);
    element.addEventListener('touchstart', onTouchStart, options);
    element.addEventListener('touchmove', onTouchMove, options);
    element.addEventListener('keydown', onKeyDown, { signal: gone.signal });
    return () => {
      gone.abort();
      resized.disconnect();
    };
  }, []);
  return box;
}
