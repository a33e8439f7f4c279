// What a chart shows besides its lines: thresholds, and when something was decided.
import type uPlot from 'uplot';
import type { Colors } from './colors.ts';
import { kindOf, type Decision } from './model/decisions.ts';

export interface Threshold {
  readonly value: number;
  readonly label: string;
}

const font = (scale: number): string => `${11 * scale}px system-ui, sans-serif`;

export function drawThresholds(
  plot: uPlot,
  thresholds: readonly Threshold[],
  colors: Colors,
): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.font = font(scale);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'bottom';
  ctx.lineWidth = scale;
  ctx.strokeStyle = colors.warn;
  ctx.fillStyle = colors.warn;
  const seen = thresholds
    .map(({ value, label }) => ({ label, y: Math.round(plot.valToPos(value, 'y', true)) }))
    .filter(({ y }) => y >= bbox.top);
  ctx.setLineDash([4 * scale, 4 * scale]);
  for (const { y } of seen) {
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  // Side by side and with a halo: the lines may be close together.
  ctx.setLineDash([]);
  ctx.lineWidth = 4 * scale;
  ctx.strokeStyle = colors.surface;
  for (const [at, { label, y }] of seen.entries()) {
    const x = bbox.left + 4 * scale + (at * bbox.width) / seen.length;
    ctx.strokeText(label, x, y - scale);
    ctx.fillText(label, x, y - scale);
  }
  ctx.restore();
}

const shapes = { more: '+', fewer: '−', move: '↔' } as const;

/** A line at the time of each decision, with a sign on top for what it did to the fleet. */
export function drawDecisions(plot: uPlot, decisions: readonly Decision[], colors: Colors): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  const { min, max } = plot.scales['x'] ?? {};
  ctx.save();
  ctx.font = font(scale);
  ctx.textAlign = 'center';
  ctx.textBaseline = 'bottom';
  ctx.lineWidth = scale;
  let free = -Infinity; // where the next sign has room
  for (const { at, what } of decisions) {
    const seconds = at / 1000;
    if (typeof min !== 'number' || typeof max !== 'number' || seconds < min || seconds > max) {
      continue;
    }
    const kind = kindOf(what);
    const x = Math.round(plot.valToPos(seconds, 'x', true)) + 0.5;
    ctx.strokeStyle = kind === 'move' ? colors.muted : colors.ink;
    ctx.fillStyle = ctx.strokeStyle;
    ctx.globalAlpha = 0.7;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.globalAlpha = 1;
    if (x < free) continue;
    ctx.fillText(shapes[kind], x, bbox.top);
    free = x + 9 * scale;
  }
  ctx.restore();
}
