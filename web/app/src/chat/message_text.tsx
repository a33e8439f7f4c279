import type { TextPart } from './text_parts.ts';

/** What others wrote is only ever text here, and links to the web. `parts` are textParts() of it. */
export function MessageText({ parts }: { parts: readonly TextPart[] }) {
  return (
    <span dir="auto" className="message-text">
      {parts.map((part, at) => {
        switch (part.kind) {
          case 'text':
            return part.text;
          case 'link':
            return (
              <a
                // oxlint-disable-next-line react/no-array-index-key -- the parts of a text never move
                key={at}
                href={part.href}
                target="_blank"
                rel="noopener noreferrer nofollow"
                className="text-accent underline underline-offset-2"
              >
                {part.text}
              </a>
            );
          case 'mention':
            return (
              // oxlint-disable-next-line react/no-array-index-key -- as above
              <b key={at} className={part.isMe ? 'text-accent' : 'font-semibold'}>
                {part.text}
              </b>
            );
        }
      })}
    </span>
  );
}
