// Writes what Vite built as C++ for the balancer: dist/web_files.cc, see src/balancer/web_file.h.
// Compressed here, once and as small as it gets; the balancer only chooses.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = new URL('dist/', import.meta.url);

const pages = {
  '/home': 'index.html',
  '/chat': 'chat/index.html',
  '/monitor': 'monitor.html',
  '/plan': 'plan.html',
};

const contentTypes = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** As C++ has it: printable ASCII but for `"`, `\` and `?`, which would begin something else. */
function literal(bytes) {
  const escaped = Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f && !'"\\?'.includes(String.fromCharCode(byte))
      ? String.fromCharCode(byte)
      : `\\${byte.toString(8).padStart(3, '0')}`,
  );
  const lines = [];
  for (let at = 0; at < escaped.length; at += 64) {
    lines.push(`"${escaped.slice(at, at + 64).join('')}"`);
  }
  return `${lines.join('\n') || '""'}sv`;
}

function brotli(content) {
  return brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
}

function entry([path, name]) {
  const contentType = contentTypes[extname(name)];
  if (contentType === undefined) throw new Error(`${name}: which content type has it?`);
  const content = readFileSync(new URL(name, dist));
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16);
  const bodies = [content, gzipSync(content, { level: 9 }), brotli(content)];
  return `{"${path}", "${contentType}", "${hash}",\n${bodies.map(literal).join(',\n')}}`;
}

const assets = readdirSync(new URL('assets/', dist)).toSorted();
const files = [
  ...Object.entries(pages),
  ...assets.map((name) => [`/assets/${name}`, `assets/${name}`]),
];

writeFileSync(
  new URL('web_files.cc', dist),
  `// Written by web/app/pack.mjs.
#include "balancer/web_file.h"

namespace spillway::balancer {
namespace {

using namespace std::string_view_literals;

constexpr WebFile kFiles[] = {
${files.map(entry).join(',\n')}};

}  // namespace

std::span<const WebFile> web_files() { return kFiles; }

}  // namespace spillway::balancer
`,
);
console.log(`dist/web_files.cc: ${files.length} files`);
