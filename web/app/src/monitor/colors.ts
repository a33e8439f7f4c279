import { useSyncExternalStore } from 'react';

const names = ['ink', 'muted', 'edge', 'accent', 'good', 'warn', 'bad', 'surface'] as const;

/** The theme's colours as a canvas takes them. */
export type Colors = Readonly<Record<(typeof names)[number], string>>;

/**
 * Each with an element of its own that has its colour before it is in the page: one that changes its
 * colour passes from the old to the new, if only for the millisecond that reduced motion leaves.
 */
function colorOf(name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function resolve(): Colors {
  // Object.fromEntries forgets which keys it was given.
  return Object.fromEntries(names.map((name) => [name, colorOf(name)])) as Colors;
}

let current: Colors | undefined;
const listeners = new Set<() => void>();

function changed(): void {
  current = undefined;
  for (const listener of listeners) listener();
}

const system = matchMedia('(prefers-color-scheme: dark)');
const chosen = new MutationObserver(changed);

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    system.addEventListener('change', changed);
    chosen.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    system.removeEventListener('change', changed);
    chosen.disconnect();
  };
}

/** Anew whenever the theme changes, by the system or by the switch. */
export function useColors(): Colors {
  return useSyncExternalStore(subscribe, () => (current ??= resolve()));
}
