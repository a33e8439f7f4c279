import { useCallback, useMemo, useRef, useState } from 'react';
import { ChatHeading } from './chat_heading.tsx';
import { Composer } from './composer.tsx';
import { LiveRegion } from './live_region.tsx';
import { MessageLog } from './message_log.tsx';
import type { OwnLine } from './own_lines.ts';
import { OwnRows } from './own_rows.tsx';
import { mentionKey } from './text_parts.ts';
import { useChat } from './use_chat.ts';
import { goToRoom } from './use_room.ts';
import { storedViewer, storeViewer, type Viewer } from './viewer.ts';

/** A room: its heading, its lines, and where to write. */
export function ChatPanel({ room }: { room: string }) {
  const { store, view } = useChat(room);
  const [viewer, setViewer] = useState(storedViewer);
  const [draft, setDraft] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const me = mentionKey(viewer.name);
  const scrolling = useMemo(
    () => ({
      onUp: () => store.pause(),
      onEnd: () => store.showMore(),
      onNewest: () => store.follow(),
    }),
    [store],
  );
  const dismiss = useCallback(
    (line: OwnLine, how: 'drop' | 'edit') => {
      store.dismiss(line.id);
      if (how === 'edit') setDraft(line.text);
      field.current?.focus();
    },
    [store],
  );
  const rename = (chosen: Viewer): void => {
    setViewer(chosen);
    storeViewer(chosen);
  };
  return (
    <>
      <ChatHeading room={room} state={view.state} viewers={view.viewers} onGo={goToRoom} />
      <MessageLog
        room={room}
        lines={view.lines}
        isPaused={view.isPaused}
        unseen={view.unseen}
        me={me}
        scrolling={scrolling}
      >
        <OwnRows own={view.own} viewer={viewer} me={me} onDismiss={dismiss} />
      </MessageLog>
      <LiveRegion store={store} />
      <Composer
        viewer={viewer}
        onViewer={rename}
        hold={view.hold}
        isClosed={view.state.name === 'closed'}
        draft={draft}
        onDraft={setDraft}
        field={field}
        onSay={(text) => {
          store.follow();
          void store.say(text, viewer);
        }}
      />
    </>
  );
}
