import { memo } from 'react';
import { counted } from '../shared/format.ts';
import { nameColor } from './author_color.ts';
import type { Line, MessageLine } from './line_list.ts';
import { MessageText } from './message_text.tsx';
import { textParts } from './text_parts.ts';

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** Marks that pile up over the lines around it. */
const stacked = /\p{M}{4}/u;

export function AuthorName({ name, color }: { name: string; color: unknown }) {
  const { light, dark } = nameColor(name, color);
  return (
    <bdi className="author" style={{ '--name-light': light, '--name-dark': dark }}>
      {name}
    </bdi>
  );
}

function MessageRow({ line, me }: { line: MessageLine; me: string }) {
  const parts = textParts(line.text, me);
  const isForMe = parts.some((part) => part.kind === 'mention' && part.isMe);
  return (
    <p
      className="line"
      data-for-me={isForMe || undefined}
      data-stacked={stacked.test(line.text) || stacked.test(line.name) || undefined}
    >
      <time className="line-time" dateTime={new Date(line.ts).toISOString()}>
        {clock.format(line.ts)}
      </time>
      <AuthorName name={line.name} color={line.color} />
      <MessageText parts={parts} />
    </p>
  );
}

/** A line never changes, so that of a thousand shown only the new ones are rendered. */
export const LineRow = memo(function LineRow({ line, me }: { line: Line; me: string }) {
  if (line.kind === 'message') return <MessageRow line={line} me={me} />;
  const what =
    line.lost === undefined ? 'Some messages' : counted(line.lost, 'message', 'messages');
  return <p className="line-gap">{what} skipped</p>;
});
