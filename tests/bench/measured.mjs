// What was measured, and where it is written down.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** @param {readonly string[]} args */
function git(...args) {
  return execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();
}

/** The commit that is measured; what is not committed is said. */
export function commit() {
  try {
    const changed = git('status', '--porcelain', '--', 'src', 'cmake', 'CMakeLists.txt') !== '';
    return git('rev-parse', '--short=12', 'HEAD') + (changed ? ' with changes' : '');
  } catch {
    return 'no commit';
  }
}

/**
 * Puts tables into docs/benchmarks.md, between the marks of this name.
 * @param {string} name
 * @param {string} tables
 */
export function writeDocs(name, tables) {
  const path = join(root, 'docs/benchmarks.md');
  const text = readFileSync(path, 'utf8');
  const marks = new RegExp(`(<!-- ${name}: begin -->\n).*(\n<!-- ${name}: end -->)`, 's');
  if (!marks.test(text)) throw new Error(`${path} has lost the marks around its tables`);
  writeFileSync(
    path,
    text.replace(marks, (_, begin, end) => begin + tables + end),
  );
}
