import { useCallback, useEffect, useState } from 'react';
import { PageHeader } from '../shared/page_header.tsx';
import { ActionDialog } from './action_dialog.tsx';
import { Charts } from './charts.tsx';
import type { Action } from './model/admin.ts';
import { headline } from './model/headline.ts';
import { clockTime } from './model/units.ts';
import type { FleetView, ServerView } from './model/view.ts';
import { Rooms } from './rooms.tsx';
import { Servers } from './servers.tsx';
import { StatusStrip } from './status_strip.tsx';
import { Timeline } from './timeline.tsx';
import { Totals } from './totals.tsx';
import { useMonitor } from './use_monitor.ts';

export function MonitorPage() {
  const [store, snapshot] = useMonitor();
  const [action, setAction] = useState<Action>();
  const [result, setResult] = useState('');
  const { view, freshness, problem } = snapshot;
  const says = view === undefined ? undefined : headline(view);
  const stale = freshness.state === 'stale';
  const alarm = stale ? 'Stale' : says === undefined || says.mood === 'good' ? '' : says.word;

  useEffect(() => {
    document.title = `${alarm === '' ? '' : `${alarm} · `}Monitor · Spillway`;
  }, [alarm]);

  // An object of its own for each time that is asked: see done().
  const askStart = useCallback(() => setAction({ do: 'start' }), []);
  const askDrain = useCallback((server: ServerView) => {
    const { id, name, viewers } = server;
    setAction({ do: 'drain', id, name, viewers: viewers.now ?? 0 });
  }, []);
  // It may come when the dialog was left long ago, and then leaves the one alone that is open now.
  const done = (words: string): void => {
    setAction((now) => (now === action ? undefined : now));
    setResult(words);
  };

  return (
    <>
      <PageHeader current="monitor" />
      <StatusStrip
        freshness={freshness}
        headline={says}
        deciding={view?.deciding}
        time={view === undefined ? '' : clockTime(view.atMs)}
        problem={problem}
      />
      <main id="main" data-stale={stale} className="mx-auto max-w-[120rem] p-3 sm:p-4">
        <h1 className="sr-only">Monitor</h1>
        {view === undefined ? (
          <p className="p-4 text-muted">The first numbers come with the balancer’s next second.</p>
        ) : (
          <div className="grid grid-cols-1 gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
            <div className="flex min-w-0 flex-col gap-4">
              <Totals view={view} />
              <Charts view={view} />
              <Servers view={view} onStart={askStart} onDrain={askDrain} result={result} />
              <Rooms snapshot={snapshot} onAllRooms={(all) => store.setAllRooms(all)} />
            </div>
            <div className="xl:sticky xl:top-14 xl:self-start">
              <Timeline groups={view.groups} nameOf={store.names.nameOf} />
            </div>
          </div>
        )}
      </main>
      {action === undefined ? null : (
        <ActionDialog
          action={action}
          others={othersUp(view, action)}
          onDone={done}
          onCancel={() => setAction(undefined)}
        />
      )}
    </>
  );
}

function othersUp(view: FleetView | undefined, action: Action): number {
  const up = view?.servers.filter(({ status }) => status === 'up') ?? [];
  return up.filter(({ id }) => action.do === 'start' || id !== action.id).length;
}
