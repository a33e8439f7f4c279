import { read, write } from '../shared/stored.ts';
import { palette } from './author_color.ts';

/** Who speaks from this browser; goes with every message. */
export interface Viewer {
  readonly name: string;
  readonly color: string;
}

export const nameLengthMax = 32;

const key = 'spillway.viewer';

/** One line, no control or invisible formatting characters; may be empty. */
export function cleanName(name: string): string {
  const plain = name.toWellFormed().replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '');
  return Array.from(plain.replaceAll(/\s+/gu, ' ').trim()).slice(0, nameLengthMax).join('').trim();
}

/** Of somebody who has not chosen anything yet. */
export function newViewer(random: () => number): Viewer {
  const number = 1000 + Math.floor(random() * 9000);
  const color = palette[Math.floor(random() * palette.length)] ?? '#4f46e5';
  return { name: `guest ${number}`, color };
}

/** undefined: it is not what storeViewer() wrote. */
export function parseViewer(stored: string): Viewer | undefined {
  let value: unknown;
  try {
    value = JSON.parse(stored);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('name' in value) || !('color' in value)) return undefined;
  if (typeof value.name !== 'string' || typeof value.color !== 'string') return undefined;
  const name = cleanName(value.name);
  const color = value.color;
  return name !== '' && palette.includes(color) ? { name, color } : undefined;
}

export function storedViewer(): Viewer {
  const known = parseViewer(read(key) ?? '');
  if (known !== undefined) return known;
  const viewer = newViewer(Math.random);
  storeViewer(viewer); // the same name after a reload
  return viewer;
}

export function storeViewer(viewer: Viewer): void {
  write(key, JSON.stringify(viewer));
}
