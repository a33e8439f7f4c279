import { useState, type KeyboardEvent, type RefObject } from 'react';
import type { Hold } from './chat_store.ts';
import { AuthorName } from './line_row.tsx';
import { useSecondsLeft } from './use_seconds_left.ts';
import type { Viewer } from './viewer.ts';
import { ViewerForm } from './viewer_form.tsx';
import { waitWords } from './words.ts';

/** Counts down for the eye alone: by ear each second would be told anew. */
function HoldNotice({ hold }: { hold: Hold }) {
  const seconds = useSecondsLeft(hold.untilMs);
  return seconds > 0 ? (
    <p aria-hidden data-testid="hold" className="px-3 pt-2 text-sm text-warn">
      {waitWords(hold.code, seconds)}
    </p>
  ) : undefined;
}

interface ComposerProps {
  readonly viewer: Viewer;
  readonly onViewer: (viewer: Viewer) => void;
  readonly hold: Hold | undefined;
  readonly isClosed: boolean;
  readonly draft: string;
  readonly onDraft: (draft: string) => void;
  readonly onSay: (text: string) => void;
  readonly field: RefObject<HTMLTextAreaElement | null>;
}

export function Composer(props: ComposerProps) {
  const { viewer, hold, isClosed, draft, onDraft, field } = props;
  const [isNaming, setIsNaming] = useState(false);
  const text = draft.trim();

  const say = (): void => {
    if (text === '' || isClosed) return;
    props.onSay(text);
    onDraft('');
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    say();
  };

  return (
    <section aria-label="Write" className="border-t border-edge bg-surface">
      {isNaming && (
        <ViewerForm
          viewer={viewer}
          onDone={(chosen) => {
            setIsNaming(false);
            props.onViewer(chosen);
            field.current?.focus();
          }}
        />
      )}
      <p role="status" className="sr-only">
        {hold === undefined ? '' : waitWords(hold.code, hold.seconds)}
      </p>
      {hold !== undefined && <HoldNotice key={hold.untilMs} hold={hold} />}
      <form
        className="px-3 pt-2 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          say();
        }}
      >
        <div className="flex items-center justify-between gap-2 text-sm">
          <button
            type="button"
            className="text-button min-w-0 truncate"
            aria-expanded={isNaming}
            onClick={() => setIsNaming(!isNaming)}
          >
            <span className="text-muted">as</span>{' '}
            <AuthorName name={viewer.name} color={viewer.color} />
            <span aria-hidden className="text-muted">
              {isNaming ? '▴' : '▾'}
            </span>
            <span className="sr-only">: change your name and colour</span>
          </button>
        </div>
        <div className="mt-1.5 flex items-end gap-2">
          <label htmlFor="message" className="sr-only">
            Message
          </label>
          <textarea
            id="message"
            ref={field}
            rows={1}
            placeholder={isClosed ? 'The room is closed' : 'Say something'}
            disabled={isClosed}
            className="field composer-field min-w-0 flex-1"
            value={draft}
            onChange={(event) => onDraft(event.target.value)}
            onKeyDown={onKeyDown}
          />
          <button type="submit" className="button" disabled={text === '' || isClosed}>
            Send
          </button>
        </div>
      </form>
    </section>
  );
}
