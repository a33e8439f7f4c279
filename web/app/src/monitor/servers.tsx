import { memo } from 'react';
import type { FleetView, ServerView } from './model/view.ts';
import { ServerCard } from './server_card.tsx';

interface Props {
  readonly view: FleetView;
  readonly onStart: () => void;
  readonly onDrain: (server: ServerView) => void;
  /** What became of the last thing that was asked for. */
  readonly result: string;
}

export const Servers = memo(function Servers({ view, onStart, onDrain, result }: Props) {
  return (
    <section aria-labelledby="servers">
      <div className="mb-2 flex min-h-8 flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h2 id="servers" className="font-semibold">
          Servers
        </h2>
        <p role="status" data-testid="result" className="min-w-0 flex-1 text-sm text-good">
          {result}
        </p>
        <button type="button" className="action" onClick={onStart}>
          Start a server…
        </button>
      </div>
      {view.servers.length === 0 ? (
        <p className="rounded-lg border border-edge bg-surface p-4 text-muted">
          No chat server keeps a heartbeat in Redis.
        </p>
      ) : (
        <div className="grid grid-cols-[repeat(auto-fill,minmax(min(26rem,100%),1fr))] gap-2">
          {view.servers.map((server) => (
            <ServerCard
              key={server.id}
              server={server}
              settings={view.settings}
              onDrain={onDrain}
            />
          ))}
        </div>
      )}
    </section>
  );
});
