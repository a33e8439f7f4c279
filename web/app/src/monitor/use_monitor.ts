import { useEffect, useState, useSyncExternalStore } from 'react';
import { site } from '../shared/here.ts';
import { browserPlatform } from './browser.ts';
import { MonitorStore, type Snapshot } from './store.ts';

/** The page's one store, which listens for as long as the page is there. */
export function useMonitor(): readonly [MonitorStore, Snapshot] {
  const [store] = useState(() => new MonitorStore(browserPlatform(site.api), site.api));
  useEffect(() => {
    store.start();
    return () => store.stop();
  }, [store]);
  return [store, useSyncExternalStore(store.subscribe, store.snapshot)];
}
