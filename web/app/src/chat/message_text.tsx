import { textParts } from './text_parts.ts';

/** `me`: mentionKey() of who reads. What others wrote is only ever text here, and links to the web. */
export function MessageText({ text, me }: { text: string; me: string }) {
  return (
    <span dir="auto" className="message-text">
      {textParts(text, me).map((part, at) => {
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
