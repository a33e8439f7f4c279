// p99 against what was offered, a line for each server, as SVG.

const width = 860;
const height = 480;
const frame = { left: 70, right: 250, top: 30, bottom: 60 };
const colors = ['#0b6e4f', '#7cb518', '#c0392b', '#2c6fbb', '#8e44ad', '#e08e0b', '#555555'];

/** @param {number} value */
const short = (value) =>
  value >= 1e6 ? `${value / 1e6} M` : value >= 1000 ? `${value / 1000} k` : String(value);

/** @param {readonly number[]} values the powers of ten around them */
function decades(values) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.ceil(Math.log10(Math.max(...values)));
  return Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
}

/**
 * @param {readonly number[]} marks
 * @param {number} from
 * @param {number} to
 * @returns {(value: number) => number} logarithmic
 */
function scale(marks, from, to) {
  const low = Math.log10(marks[0] ?? 1);
  const high = Math.log10(marks.at(-1) ?? 10);
  return (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
}

/** @param {string} text */
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** @param {import('./tables.mjs').PeerResult} result */
const offered = (result) => result.messages_per_s * result.viewers;

/**
 * @param {readonly import('./tables.mjs').PeerResult[]} results
 * @param {Readonly<Record<string, string>>} names
 */
export function plot(results, names) {
  const xs = decades(results.map(offered));
  const ys = decades(results.map(({ latency_ms }) => latency_ms.p99));
  const x = scale(xs, frame.left, width - frame.right);
  const y = scale(ys, height - frame.bottom, frame.top);
  const lines = [...new Set(results.map(({ peer }) => peer))].map((peer, i) => {
    const color = colors[i % colors.length];
    const points = results
      .filter((result) => result.peer === peer)
      .map((result) => ({ x: x(offered(result)), y: y(result.latency_ms.p99), result }));
    const path = points.map((point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`).join(' ');
    // Hollow: something was lost, or the server had nothing left.
    const marks = points.map(({ result, ...point }) => {
      const fill = result.lost > 0 || result.saturated !== 'none' ? '#fff' : color;
      return `<circle cx="${point.x.toFixed(1)}" cy="${point.y.toFixed(1)}" r="4" fill="${fill}" stroke="${color}" stroke-width="2"/>`;
    });
    const top = frame.top + 10 + i * 36;
    const at = width - frame.right + 20;
    const [name, ...rest] = (names[peer] ?? peer).split(', ');
    return [
      `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>`,
      ...marks,
      `<circle cx="${at}" cy="${top - 4}" r="4" fill="${color}"/>`,
      `<text x="${at + 12}" y="${top}" font-weight="600">${escaped(name ?? '')}</text>`,
      `<text x="${at + 12}" y="${top + 14}" fill="#555" font-size="11">${escaped(rest.join(', '))}</text>`,
    ].join('\n');
  });
  const grid = [
    ...xs.map(
      (mark) =>
        `<line x1="${x(mark)}" x2="${x(mark)}" y1="${frame.top}" y2="${height - frame.bottom}"/>` +
        `<text x="${x(mark)}" y="${height - frame.bottom + 18}" text-anchor="middle" stroke="none">${short(mark)}</text>`,
    ),
    ...ys.map(
      (mark) =>
        `<line x1="${frame.left}" x2="${width - frame.right}" y1="${y(mark)}" y2="${y(mark)}"/>` +
        `<text x="${frame.left - 8}" y="${y(mark) + 4}" text-anchor="end" stroke="none">${short(mark)}</text>`,
    ),
  ];
  const middle = (frame.left + width - frame.right) / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img">
<title>p99 against offered load</title>
<rect width="${width}" height="${height}" fill="#fff"/>
<g stroke="#ddd" fill="#333">
${grid.join('\n')}
</g>
<text x="${middle}" y="${height - 18}" text-anchor="middle">offered deliveries a second, one room, one core</text>
<text transform="translate(18 ${height / 2}) rotate(-90)" text-anchor="middle">p99 from due to received, ms</text>
${lines.join('\n')}
</svg>
`;
}
