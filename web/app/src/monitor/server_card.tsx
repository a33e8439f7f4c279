import { memo } from 'react';
import { amount, bytes, milliseconds, percent, trendText, trendWords } from './model/units.ts';
import type { Metric, ServerView } from './model/view.ts';
import type { Settings } from './model/settings.ts';
import { Sparkline } from './sparkline.tsx';
import { StateWord, type Mood } from './status_strip.tsx';

const concerns: Readonly<Record<string, readonly [Mood, string]>> = {
  '': ['good', 'Up'],
  draining: ['warn', 'Draining'],
  full: ['warn', 'Full'],
  overloaded: ['bad', 'Overloaded'],
  lagging: ['bad', 'Lagging'],
};

const TrendCell = memo(function TrendCell(props: {
  readonly text: string;
  readonly words: string;
  readonly roomy: boolean;
}) {
  const { text, words, roomy } = props;
  return (
    <td
      className={`${roomy ? 'max-sm:hidden' : ''} text-right text-xs whitespace-nowrap text-muted tabular-nums`}
    >
      <span aria-hidden="true">{text}</span>
      <span className="sr-only">{words}</span>
    </td>
  );
});

interface RowProps extends Pick<Metric, 'series' | 'trends'> {
  readonly label: string;
  readonly text: string;
  readonly smallest: number;
  readonly threshold?: number;
}

function Row({ label, text, series, trends, smallest, threshold }: RowProps) {
  return (
    <tr>
      <th scope="row" className="w-20 text-left text-xs font-normal text-muted">
        {label}
      </th>
      <td className="w-20 text-right font-medium whitespace-nowrap tabular-nums">{text}</td>
      <td className="pl-2">
        <Sparkline
          series={series}
          smallest={smallest}
          threshold={threshold}
          className="block h-5 w-full"
        />
      </td>
      {trends.map((one, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- a trend is its span, in order
        <TrendCell key={at} text={trendText(one)} words={trendWords(one)} roomy={at === 1} />
      ))}
    </tr>
  );
}

interface Props {
  readonly server: ServerView;
  readonly settings: Settings;
  readonly onDrain: (server: ServerView) => void;
}

export const ServerCard = memo(function ServerCard({ server, settings, onDrain }: Props) {
  const [mood, word] = concerns[server.concern] ?? ['none', server.concern];
  const heading = `server-${server.id}`;
  const { load, viewers, deliveries, fanouts, lag, busy } = server;
  const loadText = load.now === null ? amount(null) : load.now.toFixed(2);
  return (
    <article
      aria-labelledby={heading}
      data-server={server.id}
      className="min-w-0 rounded-lg border border-edge bg-surface px-3 py-2"
    >
      <div className="flex items-center justify-between gap-2">
        <h3 id={heading} className="min-w-0 truncate font-semibold" title={server.url}>
          {server.name}
        </h3>
        <div className="flex shrink-0 items-center gap-3 text-sm">
          <StateWord mood={mood}>{word}</StateWord>
          <button
            type="button"
            className="action"
            disabled={server.status === 'draining'}
            aria-label={`Drain ${server.name}`}
            onClick={() => onDrain(server)}
          >
            Drain…
          </button>
        </div>
      </div>
      <p className="mb-1 truncate text-xs text-muted tabular-nums">
        <span title={server.id}>{server.id.slice(0, 8)}</span>
        {` · ${amount(server.rooms)} ${server.rooms === 1 ? 'room' : 'rooms'} · ${bytes(server.rss)} memory`}
      </p>
      <table className="w-full table-fixed text-sm">
        <caption className="sr-only">{server.name} now, and how it changed</caption>
        <thead>
          <tr className="text-right text-[0.6875rem] text-muted">
            <td className="w-20" />
            <th scope="col" className="w-20 font-normal">
              now
            </th>
            <th scope="col" className="pl-2 text-left font-normal">
              100 s
            </th>
            <th scope="col" className="w-[4.1rem] font-normal">
              10 s
            </th>
            <th scope="col" className="w-[4.1rem] font-normal max-sm:hidden">
              50 s
            </th>
            <th scope="col" className="w-[4.1rem] font-normal">
              all
            </th>
          </tr>
        </thead>
        <tbody>
          <Row
            label="Load"
            text={loadText}
            {...load}
            smallest={1}
            threshold={settings.spawnAbove}
          />
          <Row label="Viewers" text={amount(viewers.now)} {...viewers} smallest={4} />
          <Row
            label="Deliveries"
            text={`${amount(deliveries.now)}/s`}
            {...deliveries}
            smallest={4}
          />
          <Row label="Fan-outs" text={`${amount(fanouts.now)}/s`} {...fanouts} smallest={4} />
          <Row
            label="Loop lag"
            text={milliseconds(lag.now)}
            {...lag}
            smallest={2}
            threshold={settings.redistributeLagMs}
          />
          <Row
            label="Busy"
            text={percent(busy.now)}
            {...busy}
            smallest={1}
            threshold={settings.spawnBusy}
          />
        </tbody>
      </table>
    </article>
  );
});
