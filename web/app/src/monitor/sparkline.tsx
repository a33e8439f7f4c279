import { memo, useRef } from 'react';
import { useColors, type Colors } from './colors.ts';
import { axisMax } from './model/axis.ts';
import type { Series } from './model/rates.ts';
import { useDrawing, type Size } from './use_drawing.ts';

interface Props {
  readonly series: Series;
  /** The least that the height stands for. */
  readonly smallest: number;
  /** A line that should not be crossed. */
  readonly threshold?: number | undefined;
  readonly className?: string;
}

/** A hundred seconds as one line, from 0 up. What it says stands beside it in numbers. */
export const Sparkline = memo(function Sparkline(props: Props) {
  const { series, smallest, threshold, className } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const max = useRef<number>(undefined);
  const colors = useColors();
  useDrawing(canvas, (size) => {
    const context = fitted(canvas.current, size);
    if (context === undefined) return;
    max.current = axisMax(highestOf(series), smallest, max.current);
    if (threshold !== undefined) drawThreshold(context, threshold / max.current, colors);
    drawLine(context, series, max.current, colors);
  });
  return <canvas ref={canvas} aria-hidden="true" className={className} />;
});

function highestOf(series: Series): number {
  return series.reduce<number>((highest, value) => Math.max(highest, value ?? 0), 0);
}

/** An empty canvas of as many pixels as the screen has there. */
function fitted(
  canvas: HTMLCanvasElement | null,
  size: Size,
): CanvasRenderingContext2D | undefined {
  const context = canvas?.getContext('2d') ?? undefined;
  if (canvas === null || context === undefined) return undefined;
  const width = Math.round(size.width * devicePixelRatio);
  const height = Math.round(size.height * devicePixelRatio);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  context.clearRect(0, 0, canvas.width, canvas.height);
  return context;
}

/** Where a share of the height is; a line at either end is seen whole. */
function yOf({ canvas }: CanvasRenderingContext2D, share: number): number {
  const margin = devicePixelRatio;
  return canvas.height - margin - share * (canvas.height - 2 * margin);
}

function drawThreshold(context: CanvasRenderingContext2D, share: number, colors: Colors): void {
  if (share > 1) return;
  const dash = 3 * devicePixelRatio;
  context.strokeStyle = colors.warn;
  context.lineWidth = devicePixelRatio;
  context.setLineDash([dash, dash]);
  context.beginPath();
  context.moveTo(0, yOf(context, share));
  context.lineTo(context.canvas.width, yOf(context, share));
  context.stroke();
  context.setLineDash([]);
}

function drawLine(
  context: CanvasRenderingContext2D,
  series: Series,
  max: number,
  colors: Colors,
): void {
  context.strokeStyle = colors.accent;
  context.lineWidth = 1.5 * devicePixelRatio;
  context.lineJoin = 'round';
  context.beginPath();
  let isDrawing = false;
  series.forEach((value, at) => {
    if (value !== null) {
      const x = (at / (series.length - 1)) * context.canvas.width;
      if (isDrawing) context.lineTo(x, yOf(context, value / max));
      else context.moveTo(x, yOf(context, value / max));
    }
    isDrawing = value !== null;
  });
  context.stroke();
}
