import { memo } from 'react';
import { Chart, noThresholds, type Line } from './chart.tsx';
import { amount, milliseconds } from './model/units.ts';
import type { FleetView, Metric, ServerView } from './model/view.ts';

const perSecond = (value: number): string => `${amount(value)}/s`;
const viewers = (value: number): string => amount(value);
const loads = (value: number): string => value.toFixed(2);

function byServer(servers: readonly ServerView[], of: (server: ServerView) => Metric): Line[] {
  return servers.map((server) => ({ name: server.name, series: of(server).series }));
}

function total(metric: Metric): Line[] {
  return [{ name: 'all', series: metric.series }];
}

/** What the balancer decides by, with its thresholds and what it decided. */
export const Charts = memo(function Charts({ view }: { view: FleetView }) {
  const { times, servers, settings, decisions, totals } = view;
  const { spawnAbove, redistributeAbove, roomBelow, redistributeLagMs } = settings;
  const loadLines = [
    { value: roomBelow, label: 'below: has room' },
    { value: spawnAbove, label: 'full, another starts' },
    { value: redistributeAbove, label: 'viewers are moved' },
  ];
  const lagLines = [{ value: redistributeLagMs, label: 'viewers are moved' }];
  const common = { times, decisions };
  return (
    <section aria-labelledby="charts">
      <div className="mb-2 flex flex-wrap items-baseline justify-between gap-x-4">
        <h2 id="charts" className="font-semibold">
          The last 100 seconds
        </h2>
        <p className="text-xs text-muted">
          Upright lines are decisions: <b>+</b> a server more, <b>−</b> one fewer, <b>↔</b> viewers
          moved
        </p>
      </div>
      <div className="grid grid-cols-1 gap-2 md:grid-cols-2">
        <Chart
          title="Load of each server (1 is full)"
          lines={byServer(servers, ({ load }) => load)}
          thresholds={loadLines}
          smallest={1.3}
          format={loads}
          {...common}
        />
        <Chart
          title="Loop lag of each server"
          lines={byServer(servers, ({ lag }) => lag)}
          thresholds={lagLines}
          smallest={18}
          format={milliseconds}
          {...common}
        />
        <Chart
          title="Deliveries, all servers"
          lines={total(totals.deliveries)}
          thresholds={noThresholds}
          smallest={10}
          format={perSecond}
          {...common}
        />
        <Chart
          title="Viewers, all servers"
          lines={total(totals.viewers)}
          thresholds={noThresholds}
          smallest={10}
          format={viewers}
          {...common}
        />
      </div>
    </section>
  );
});
