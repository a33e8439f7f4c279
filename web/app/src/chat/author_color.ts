import { contrast, mixed } from '../shared/contrast.ts';

/** How a name is written on the light and on the dark surface. */
export interface NameColor {
  readonly light: string;
  readonly dark: string;
}

// The surfaces that lines stand on and the ink on them, as theme.css has them; the darker and the
// lighter one of each, since a mention stands on the other.
const light = { surface: '#e9eef0', ink: '#172126' };
const dark = { surface: '#202a30', ink: '#e2e9ec' };

/** What the page offers, and what a name without a colour gets one of. */
export const palette: readonly string[] = [
  '#c2410c',
  '#b45309',
  '#4d7c0f',
  '#15803d',
  '#0f766e',
  '#0369a1',
  '#4f46e5',
  '#7e22ce',
  '#be185d',
];

/** `#rgb` and `#rrggbb`, nothing else: the value came from a stranger. */
function parsed(color: unknown): string | undefined {
  if (typeof color !== 'string' || !/^#(?:[\da-f]{3}|[\da-f]{6})$/i.test(color)) return undefined;
  const long = color.length === 4 ? color.replaceAll(/[^#]/g, '$&$&') : color;
  return long.toLowerCase();
}

function ofName(name: string): string {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return palette[hash % palette.length] ?? '#4f46e5';
}

/** The colour itself where it can be read there, else as little of the ink in it as it needs. */
function readable(color: string, on: typeof light): string {
  for (let share = 0; share < 1; share += 0.1) {
    const candidate = mixed(color, on.ink, share);
    if (contrast(candidate, on.surface) >= 4.5) return candidate;
  }
  return on.ink;
}

export function nameColor(name: string, color: unknown): NameColor {
  const wanted = parsed(color) ?? ofName(name);
  return { light: readable(wanted, light), dark: readable(wanted, dark) };
}
