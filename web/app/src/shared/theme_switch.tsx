import { useState } from 'react';
import { chooseTheme, storedTheme, type Theme } from './theme.ts';

const themes: readonly (readonly [Theme, string])[] = [
  ['system', 'Auto'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

export function ThemeSwitch() {
  const [theme, setTheme] = useState(storedTheme);
  return (
    <label className="flex items-center gap-1.5 text-sm text-muted">
      <span className="sr-only">Theme</span>
      <select
        className="h-8 rounded-md border border-edge bg-surface px-1.5 text-ink"
        value={theme}
        onChange={(event) => {
          const chosen = themes.find(([name]) => name === event.target.value)?.[0] ?? 'system';
          chooseTheme(chosen);
          setTheme(chosen);
        }}
      >
        {themes.map(([name, label]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}
