// The program under test and how its command lines are written.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join, resolve } from 'node:path';

export const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** SPILLWAY_BIN, relative to the repository, or the release build. */
export const binary = resolve(repository, process.env['SPILLWAY_BIN'] ?? 'build/release/spillway');

if (!existsSync(binary)) throw new Error(`${binary} does not exist: build it, or set SPILLWAY_BIN`);

/** Of the release: it is what tests, not what is tested. */
export const beastClient = join(repository, 'build/release/tests/clients/beast_client');

/** Flags by name, without dashes; undefined leaves one out. */
export type Flags = Readonly<Record<string, string | number | undefined>>;

export function toArguments(flags: Flags): string[] {
  return Object.entries(flags).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}=${value}`],
  );
}
