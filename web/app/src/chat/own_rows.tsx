import { AuthorName } from './line_row.tsx';
import { MessageText } from './message_text.tsx';
import type { OwnLine, OwnLines } from './own_lines.ts';
import { textParts } from './text_parts.ts';
import type { Viewer } from './viewer.ts';

interface OwnRowsProps {
  readonly own: OwnLines;
  readonly viewer: Viewer;
  readonly me: string;
  /** Takes the line away; with `text` it is to be written anew. */
  readonly onDismiss: (line: OwnLine, how: 'drop' | 'edit') => void;
}

function Refused({
  line,
  why,
  onDismiss,
}: { line: OwnLine; why: string } & Pick<OwnRowsProps, 'onDismiss'>) {
  return (
    <span role="alert" className="mt-0.5 flex flex-wrap items-center gap-x-3 text-bad">
      <span>Not sent: {why}.</span>
      <button type="button" className="text-button" onClick={() => onDismiss(line, 'edit')}>
        Edit
      </button>
      <button type="button" className="text-button" onClick={() => onDismiss(line, 'drop')}>
        Dismiss
      </button>
    </span>
  );
}

/** What was said here and is not in the room's list yet. */
export function OwnRows({ own, viewer, me, onDismiss }: OwnRowsProps) {
  return own.map((line) => (
    <div key={line.id} className="line" data-fate={line.fate.is}>
      <span className="line-time">
        {line.fate.is === 'sending' && <span title="Being sent">…</span>}
        {line.fate.is === 'sent' && <span title="In the room's log">✓</span>}
        {line.fate.is === 'refused' && <span className="text-bad">!</span>}
      </span>
      <AuthorName name={viewer.name} color={viewer.color} />
      <MessageText parts={textParts(line.text, me)} />
      {line.fate.is === 'refused' && (
        <Refused line={line} why={line.fate.why} onDismiss={onDismiss} />
      )}
    </div>
  ));
}
