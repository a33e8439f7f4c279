// Whether each page's first load is small, and whether anything in it stands inline, which the
// balancer's Content-Security-Policy forbids: `npm run build` comes first.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const gzipKibibytesMax = {
  'index.html': 90,
  'chat/index.html': 120,
  'monitor.html': 150,
  'plan.html': 120,
};

const dist = new URL('dist/', import.meta.url);
const problems = [];

function gzipBytes(url) {
  return gzipSync(readFileSync(url), { level: 9 }).length;
}

/** The page and what it names; modules that those import are named in the page as well. */
function filesOf(html, page) {
  const named = html.matchAll(/<(?:script|link)\b[^>]*\b(?:src|href)="([^"]+)"/g);
  return [page, ...new Set([...named].map(([, name]) => new URL(name, page).href))];
}

for (const [name, kibibytesMax] of Object.entries(gzipKibibytesMax)) {
  const page = new URL(name, dist);
  const html = readFileSync(page, 'utf8');
  const files = filesOf(html, page);
  const bytes = files.map((file) => gzipBytes(new URL(file))).reduce((sum, size) => sum + size, 0);
  const size = `${(bytes / 1024).toFixed(1)} KiB gzip in ${files.length} files`;
  console.log(`${name}: ${size} (at most ${kibibytesMax} KiB)`);
  if (bytes > kibibytesMax * 1024) problems.push(`${name} is larger than ${kibibytesMax} KiB`);
  if (/<script(?![^>]*\bsrc=)/.test(html)) problems.push(`${name} has an inline script`);
  if (/<style|\sstyle=|\son\w+=/.test(html)) problems.push(`${name} has inline style or handlers`);
}

for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
