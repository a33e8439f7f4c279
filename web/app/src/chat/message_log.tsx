import { memo, type ReactNode } from 'react';
import { counted } from '../shared/format.ts';
import type { LineView } from './line_list.ts';
import { LineRow } from './line_row.tsx';
import { useFollow, type Scrolling } from './use_follow.ts';

const Lines = memo(function Lines({ lines, me }: Pick<LineView, 'lines'> & { me: string }) {
  return lines.map((line) => <LineRow key={line.key} line={line} me={me} />);
});

interface MessageLogProps extends LineView {
  readonly room: string;
  readonly me: string;
  readonly scrolling: Scrolling;
  /** Below the lines: what is still being sent. */
  readonly children: ReactNode;
}

/**
 * The list. Screen readers get it as a log that is silent by itself: what is said in it is announced
 * by LiveRegion, at a pace that can be listened to.
 */
export function MessageLog({
  room,
  lines,
  isPaused,
  unseen,
  me,
  scrolling,
  children,
}: MessageLogProps) {
  const box = useFollow({ isPaused, lines }, scrolling);
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={box}
        id="log"
        role="log"
        aria-live="off"
        aria-label={`Messages in ${room}`}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- to scroll it by keyboard
        tabIndex={0}
        className="log"
      >
        <div className="py-2">
          {lines.length === 0 && <p className="line-gap">Nobody has said anything yet</p>}
          <Lines lines={lines} me={me} />
          {children}
        </div>
      </div>
      {isPaused && (
        <button type="button" className="newest-button" onClick={scrolling.onNewest}>
          {unseen === 0 ? 'Go to the newest' : counted(unseen, 'new message', 'new messages')} ↓
        </button>
      )}
    </div>
  );
}
