import { useEffect, useState } from 'react';
import { announcement, isDue } from './announcement.ts';
import type { ChatStore } from './chat_store.ts';

const everyMs = 5000;

/** Tells screen readers what is said, unseen. */
export function LiveRegion({ store }: { store: ChatStore }) {
  const [text, setText] = useState('');
  useEffect(() => {
    let count = 0;
    let quietMs = -Infinity; // what was there before is not news
    const timer = setInterval(() => {
      const news = store.takeNews();
      quietMs += everyMs;
      count += news.count;
      if (quietMs === -Infinity) {
        quietMs = 0;
        count = 0;
      } else if (isDue(count, quietMs)) {
        setText(announcement(news.newest, count));
        quietMs = 0;
        count = 0;
      }
    }, everyMs);
    return () => clearInterval(timer);
  }, [store]);
  return (
    <div aria-live="polite" className="sr-only whitespace-pre-line">
      {text}
    </div>
  );
}
