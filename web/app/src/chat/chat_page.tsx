import './chat.css';
import { useEffect } from 'react';
import { site } from '../shared/here.ts';
import { PageHeader } from '../shared/page_header.tsx';
import { ChatPanel } from './chat_panel.tsx';
import { Stage } from './stage.tsx';
import { useRoomOfAddress } from './use_room.ts';

/** In a frame of somebody's page: the chat alone, /chat/lobby?embed. */
const isEmbedded = new URLSearchParams(location.search).has('embed');

function NoRoom() {
  return (
    <main id="main" className="p-6">
      <h1 className="text-lg font-semibold">This is not the name of a room</h1>
      <p className="mt-2 text-muted">
        A name has 1 to 128 bytes, and neither braces nor control characters.{' '}
        <a href={site.home} className="text-accent underline underline-offset-2">
          Choose another
        </a>
      </p>
    </main>
  );
}

export function ChatPage() {
  const room = useRoomOfAddress();
  useEffect(() => {
    document.title = room === undefined ? 'Chat · Spillway' : `${room} · Spillway`;
  }, [room]);
  if (room === undefined) {
    return (
      <>
        <PageHeader current="chat" />
        <NoRoom />
      </>
    );
  }
  return (
    <div className="chat-page" data-embedded={isEmbedded || undefined}>
      {!isEmbedded && <PageHeader current="chat" />}
      <div className="chat-columns">
        {!isEmbedded && <Stage room={room} />}
        <main id="main" className="chat-column">
          <ChatPanel key={room} room={room} />
        </main>
      </div>
    </div>
  );
}
