import 'uplot/dist/uPlot.min.css';
import { useEffect, useLayoutEffect, useRef } from 'react';
import uPlot from 'uplot';
import { drawDecisions, drawThresholds, type Threshold } from './chart_marks.ts';
import { useColors, type Colors } from './colors.ts';
import { axisMax } from './model/axis.ts';
import type { Decision } from './model/decisions.ts';
import { entries } from './model/history.ts';
import type { Series } from './model/rates.ts';
import { clockTime } from './model/units.ts';
import { useDrawing } from './use_drawing.ts';

export interface Line {
  readonly name: string;
  readonly series: Series;
}

interface Props {
  readonly title: string;
  /** In seconds; those that are 0 are no times. */
  readonly times: readonly number[];
  /** The highest of them is drawn in full, the others pale. */
  readonly lines: readonly Line[];
  readonly thresholds: readonly Threshold[];
  readonly decisions: readonly Decision[];
  readonly smallest: number;
  readonly format: (value: number) => string;
}

const height = 150;
const none: readonly Threshold[] = [];

/** Lines over the last hundred seconds. uPlot draws; React only hands it what is new. */
export function Chart(props: Props) {
  const place = useRef<HTMLDivElement>(null);
  const reading = useRef<HTMLParagraphElement>(null);
  const plot = useRef<uPlot>(undefined);
  const shown = useRef(props);
  const colors = useColors();
  const count = props.lines.length;

  useLayoutEffect(() => {
    shown.current = props;
  }, [props]);

  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const made = new uPlot(
      options(shown, colors, count, reading, element.clientWidth),
      dataOf(shown.current),
      element,
    );
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = undefined;
    };
  }, [colors, count]);

  useDrawing(place, ({ width }) => {
    const { current } = plot;
    // With a server more or fewer it is about to be made anew.
    if (current === undefined || current.series.length !== count + 1) return;
    if (current.width !== width) current.setSize({ width, height });
    current.setData(dataOf(props));
    showReading(current, props, reading.current);
  });

  return (
    <figure className="min-w-0 rounded-lg border border-edge bg-surface px-3 pt-2 pb-1">
      <figcaption className="flex items-baseline justify-between gap-3">
        <h3 className="shrink-0 text-sm font-semibold">{props.title}</h3>
        <p ref={reading} className="min-w-0 truncate text-xs text-muted tabular-nums" />
      </figcaption>
      <div ref={place} role="img" aria-label={label(props)} className="h-[150px] w-full" />
    </figure>
  );
}

export { none as noThresholds };

/** Of the lines at one entry: which is the highest, and how high. */
function highestAt(
  lines: readonly Line[],
  at: number,
): { index: number; name: string; value: number } | undefined {
  let found: { index: number; name: string; value: number } | undefined;
  for (const [index, { name, series }] of lines.entries()) {
    const value = series[at] ?? null;
    if (value !== null && (found === undefined || value > found.value)) {
      found = { index, name, value };
    }
  }
  return found;
}

function reads({ lines, format, times }: Props, at: number): string {
  const found = highestAt(lines, at);
  if (found === undefined) return '';
  const what =
    lines.length > 1 ? `highest ${format(found.value)} · ${found.name}` : format(found.value);
  return at === entries - 1 ? what : `${clockTime((times[at] ?? 0) * 1000)} · ${what}`;
}

function showReading(
  plot: uPlot | undefined,
  props: Props,
  place: HTMLParagraphElement | null,
): void {
  if (place === null) return;
  const first = firstTime(props.times);
  const at = plot?.cursor.idx;
  place.textContent = reads(props, at === null || at === undefined ? entries - 1 : at + first);
}

function label(props: Props): string {
  const limits = props.thresholds
    .map((one) => `${one.label} ${props.format(one.value)}`)
    .join(', ');
  const now = reads(props, entries - 1);
  return `${props.title}, the last 100 seconds. Now ${now === '' ? 'not known' : now}.${
    limits === '' ? '' : ` Lines: ${limits}.`
  }`;
}

function firstTime(times: readonly number[]): number {
  const first = times.findIndex((time) => time > 0);
  return first < 0 ? times.length : first;
}

function dataOf({ times, lines }: Props): uPlot.AlignedData {
  const first = firstTime(times);
  return [times.slice(first), ...lines.map(({ series }) => series.slice(first))];
}

function options(
  shown: { readonly current: Props },
  colors: Colors,
  count: number,
  reading: { readonly current: HTMLParagraphElement | null },
  width: number,
): uPlot.Options {
  let max: number | undefined;
  const axis = { stroke: colors.muted, font: '11px system-ui, sans-serif' };
  const grid = { stroke: colors.edge, width: 1 };
  // By their places, the times being the first series: the names of lines that are as many may change.
  const isHighest = (index: number): boolean =>
    count < 3 || highestAt(shown.current.lines, entries - 1)?.index === index - 1;
  return {
    width,
    height,
    padding: [14, 24, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: 'monitor' },
      drag: { setScale: false },
      y: false,
      points: { show: false },
    },
    scales: {
      x: {
        range: () => {
          const now = shown.current.times.at(-1) ?? 0;
          return [now - (entries - 1), now];
        },
      },
      y: {
        range: (_plot, _low, high) => {
          max = axisMax(high ?? 0, shown.current.smallest, max);
          return [0, max];
        },
      },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        ticks: { show: false },
        size: 22,
        space: 70,
        values: clocks,
      },
      {
        ...axis,
        grid,
        ticks: { show: false },
        size: 58,
        space: 30,
        values: (_plot, splits) => splits.map((value) => shown.current.format(value)),
      },
    ],
    series: [
      {},
      ...Array.from({ length: count }, () => ({
        stroke: (_plot: uPlot, index: number) =>
          isHighest(index) ? colors.accent : pale(colors.accent),
        width: 1.5,
        points: { show: false },
      })),
    ],
    hooks: {
      draw: [
        (plot) => {
          drawDecisions(plot, shown.current.decisions, colors);
          drawThresholds(plot, shown.current.thresholds, colors);
        },
      ],
      setCursor: [(plot) => showReading(plot, shown.current, reading.current)],
    },
  };
}

function clocks(_plot: uPlot, splits: readonly number[]): string[] {
  return splits.map((seconds) => clockTime(seconds * 1000));
}

function pale(color: string): string {
  return color.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.35)');
}
