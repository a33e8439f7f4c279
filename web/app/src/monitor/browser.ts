import type { Health } from './model/freshness.ts';
import { isFields } from '../shared/wire.ts';
import type { Platform, StreamHandlers } from './store.ts';

const healthWithinMs = 2000;

function openStream(url: string, { onState, onChange, onEnd }: StreamHandlers): () => void {
  const source = new EventSource(url);
  source.addEventListener('state', ({ data }: MessageEvent<string>) => onState(data));
  source.addEventListener('change', ({ data }: MessageEvent<string>) => onChange(data));
  // It would come back by itself at a pace of its own; when to try again is the store's business.
  source.addEventListener('error', () => {
    source.close();
    onEnd();
  });
  return () => source.close();
}

async function health(api: string): Promise<Health> {
  try {
    const answer = await fetch(`${api}/healthz`, { signal: AbortSignal.timeout(healthWithinMs) });
    const said: unknown = await answer.json();
    const status = isFields(said) ? said['status'] : undefined;
    return status === 'ok' || status === 'degraded' || status === 'starting' ? status : 'silent';
  } catch {
    return 'silent';
  }
}

function every(ms: number, run: () => void): () => void {
  const timer = setInterval(run, ms);
  return () => clearInterval(timer);
}

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

export function browserPlatform(api: string): Platform {
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    open: openStream,
    health: () => health(api),
    every,
    after,
  };
}
