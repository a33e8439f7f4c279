import { useEffect, useState } from 'react';

/** Whole seconds until `untilMs` of performance.now(), counting down; 0: it is over. */
export function useSecondsLeft(untilMs: number): number {
  const [now, setNow] = useState(() => performance.now());
  const left = Math.max(0, Math.ceil((untilMs - now) / 1000));
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(performance.now());
      if (performance.now() >= untilMs) clearInterval(timer);
    }, 250);
    return () => clearInterval(timer);
  }, [untilMs]);
  return left;
}
