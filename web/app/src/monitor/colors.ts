import { useSyncExternalStore } from 'react';

const names = ['ink', 'muted', 'edge', 'accent', 'good', 'warn', 'bad', 'surface'] as const;

/** The theme's colours as a canvas takes them. */
export type Colors = Readonly<Record<(typeof names)[number], string>>;

function resolve(): Colors {
  const probe = document.body.appendChild(document.createElement('span'));
  const colorOf = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colors = Object.fromEntries(names.map((name) => [name, colorOf(name)]));
  probe.remove();
  // Object.fromEntries forgets which keys it was given.
  return colors as Colors;
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
