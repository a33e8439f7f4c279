// Whether what is shipped is small, and whether it loads: `npm run build` comes first.
import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';

const gzipBytesMax = 6 * 1024;

const problems = [];

function expect(isRight, problem) {
  if (!isRight) problems.push(problem);
}

for (const name of ['spillway.js', 'spillway.iife.js']) {
  const source = readFileSync(new URL(`dist/${name}`, import.meta.url));
  const gzipBytes = gzipSync(source, { level: 9 }).length;
  console.log(`${name}: ${source.length} bytes, ${gzipBytes} gzip (at most ${gzipBytesMax})`);
  expect(gzipBytes <= gzipBytesMax, `${name} is larger than ${gzipBytesMax} bytes gzip`);
}

const { SpillwayClient, SpillwayError } = await import('@spillway/client');
expect(typeof SpillwayClient === 'function', 'the module has no SpillwayClient');
expect(typeof SpillwayError === 'function', 'the module has no SpillwayError');

// As a script tag runs it: no module, no exports, only a global.
const page = createContext({});
runInContext(readFileSync(new URL('dist/spillway.iife.js', import.meta.url), 'utf8'), page);
const found = runInContext('typeof Spillway.SpillwayClient', page);
expect(found === 'function', 'the script makes no global Spillway.SpillwayClient');

const declared = readFileSync(new URL('dist/types/index.d.ts', import.meta.url), 'utf8');
expect(declared.includes('SpillwayClient'), 'the types declare no SpillwayClient');

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
expect(dependencies === undefined, 'package.json has dependencies');

for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
