import { memo } from 'react';
import { amount, milliseconds } from './model/units.ts';
import type { FleetView, Metric } from './model/view.ts';
import { Sparkline } from './sparkline.tsx';

interface TileProps {
  readonly label: string;
  readonly metric: Metric;
  readonly text: string;
  readonly unit?: string;
  readonly note: string;
  readonly smallest: number;
}

const Tile = memo(function Tile({ label, metric, text, unit, note, smallest }: TileProps) {
  return (
    <div className="flex min-w-0 flex-col rounded-lg border border-edge bg-surface px-3 pt-2 pb-1.5">
      <dt className="truncate text-xs text-muted">{label}</dt>
      <dd className="truncate text-xl leading-tight font-semibold tabular-nums">
        {text}
        {unit === undefined ? null : <span className="text-sm font-normal text-muted">{unit}</span>}
      </dd>
      <dd className="h-4 truncate text-xs text-muted">{note}</dd>
      <dd className="mt-1">
        <Sparkline series={metric.series} smallest={smallest} className="block h-7 w-full" />
      </dd>
    </div>
  );
});

function level(metric: Metric): Omit<TileProps, 'label' | 'note'> {
  return { metric, text: amount(metric.now), smallest: 1 };
}

function rate(metric: Metric): Omit<TileProps, 'label' | 'note'> {
  return { ...level(metric), unit: '/s' };
}

/** The whole fleet in eight numbers, each with its last hundred seconds. */
export const Totals = memo(function Totals({ view }: { view: FleetView }) {
  const { totals, settings, servers } = view;
  const lags = servers.map(({ lag }) => lag.now ?? 0);
  const perFlush = (totals.deliveries.now ?? 0) / Math.max(1, totals.flushes.now ?? 0);
  return (
    <section aria-labelledby="totals">
      <h2 id="totals" className="sr-only">
        The whole fleet
      </h2>
      <dl className="grid grid-cols-2 gap-2 sm:grid-cols-4 2xl:grid-cols-8">
        <Tile
          label="Servers up"
          {...level(totals.servers)}
          text={amount(totals.serversUp)}
          note={`${totals.serversDraining} draining · at most ${settings.serversMax}`}
        />
        <Tile label="Rooms" {...level(totals.rooms)} note="" />
        <Tile label="Viewers" {...level(totals.viewers)} note="" />
        <Tile label="Messages" {...rate(totals.messages)} note="published" />
        <Tile label="Deliveries" {...rate(totals.deliveries)} note="messages handed to viewers" />
        <Tile
          label="Flushes"
          {...rate(totals.flushes)}
          note={perFlush > 0 ? `${amount(perFlush)} deliveries each` : 'kernel writes'}
        />
        <Tile label="Provisions" {...rate(totals.provisions)} note="viewers given a server" />
        <Tile
          label="Loop lag, mean"
          metric={totals.lag}
          text={milliseconds(totals.lag.now)}
          smallest={1}
          note={servers.length === 0 ? '' : `worst ${milliseconds(Math.max(...lags))}`}
        />
      </dl>
    </section>
  );
});
