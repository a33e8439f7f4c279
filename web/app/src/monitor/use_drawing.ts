import { useEffect, useLayoutEffect, useRef, type RefObject } from 'react';

/** In CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

interface Watcher {
  readonly seen: (isOnScreen: boolean) => void;
  readonly sized: (size: Size) => void;
}

const watched = new Map<Element, Watcher>();

// One of each for all: with twenty servers there are more than a hundred drawings. What they tell
// needs no layout, which asking each element for its size would force once a second.
let sight: IntersectionObserver | undefined;
let sizes: ResizeObserver | undefined;

function watch(element: Element, watcher: Watcher): () => void {
  sight ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) watched.get(target)?.seen(isIntersecting);
    },
    { rootMargin: '100px' },
  );
  sizes ??= new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) watched.get(target)?.sized(contentRect);
  });
  watched.set(element, watcher);
  sight.observe(element);
  sizes.observe(element);
  return () => {
    watched.delete(element);
    sight?.unobserve(element);
    sizes?.unobserve(element);
  };
}

/**
 * Draws after each render and each change of size while the element is on the screen, and else once
 * it comes there: what nobody sees is not drawn.
 */
export function useDrawing(place: RefObject<Element | null>, draw: (size: Size) => void): void {
  const latest = useRef(draw);
  const state = useRef<{ isOnScreen: boolean; size: Size | undefined }>({
    isOnScreen: false,
    size: undefined,
  });
  useLayoutEffect(() => {
    latest.current = draw;
    const { isOnScreen, size } = state.current;
    if (isOnScreen && size !== undefined) draw(size);
  });
  useEffect(() => {
    if (place.current === null) return undefined;
    const now = state.current;
    const redraw = (): void => {
      if (now.isOnScreen && now.size !== undefined) latest.current(now.size);
    };
    return watch(place.current, {
      seen: (isOnScreen) => {
        now.isOnScreen = isOnScreen;
        redraw();
      },
      sized: (size) => {
        now.size = size;
        redraw();
      },
    });
  }, [place]);
}
