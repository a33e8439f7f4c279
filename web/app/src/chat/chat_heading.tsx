import type { RoomState } from '@spillway/client';
import { count } from '../shared/format.ts';
import { RoomSwitch } from './room_switch.tsx';
import { connectionWords } from './words.ts';

interface ChatHeadingProps {
  readonly room: string;
  readonly state: RoomState;
  readonly viewers: number | undefined;
  readonly onGo: (room: string) => void;
}

export function ChatHeading({ room, state, viewers, onGo }: ChatHeadingProps) {
  const { health, text } = connectionWords(state);
  return (
    <div className="border-b border-edge px-3 py-2">
      <div className="flex flex-wrap items-center justify-between gap-x-3">
        <h1 className="min-w-0 truncate font-semibold">
          <bdi>{room}</bdi>
        </h1>
        <RoomSwitch onGo={onGo} />
      </div>
      <p className="flex items-center gap-3 text-sm text-muted">
        <span role="status" className="flex items-center gap-1.5">
          <span aria-hidden className="health-dot" data-health={health} />
          {text}
        </span>
        {viewers !== undefined && <span className="tabular-nums">{count(viewers)} watching</span>}
      </p>
    </div>
  );
}
