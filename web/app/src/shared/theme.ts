import { read, write } from './stored.ts';

/** `system` follows the system's setting, also when that changes. */
export type Theme = 'system' | 'light' | 'dark';

const key = 'spillway.theme';

export function storedTheme(): Theme {
  const stored = read(key);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

export function showTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
}

export function chooseTheme(theme: Theme): void {
  write(key, theme);
  showTheme(theme);
}
