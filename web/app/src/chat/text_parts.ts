/** A message, cut where something in it is marked. All of it is text; nothing in it is HTML. */
export type TextPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string }
  | { readonly kind: 'mention'; readonly text: string; readonly isMe: boolean };

// A link ends where a sentence's punctuation begins; an @ inside a word is an address of mail.
const marks = /\bhttps?:\/\/[^\s<>"]+|(?<![\p{L}\p{N}_.@/-])@[\p{L}\p{N}_-]{1,32}/giu;
const sentenceEnd = /[.,;:!?'*_~…]+$/u;
const closers: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

function countOf(text: string, character: string): number {
  return text.split(character).length - 1;
}

/** Without the punctuation behind it; a closing bracket stays where its opening one is in the link. */
function trimmedLink(found: string): string {
  let link = found;
  for (;;) {
    const before = link;
    link = link.replace(sentenceEnd, '');
    const last = link.at(-1) ?? '';
    const opener = closers[last];
    if (opener !== undefined && countOf(link, last) > countOf(link, opener)) {
      link = link.slice(0, -1);
    }
    if (link === before) return link;
  }
}

/** undefined: it only looks like one, or hides its host behind a name. */
function hrefOf(link: string): string | undefined {
  if (!URL.canParse(link)) return undefined;
  const url = new URL(link);
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  return isWeb && url.username === '' && url.password === '' ? url.href : undefined;
}

/** How a name is mentioned: names may have spaces, mentions have none. */
export function mentionKey(name: string): string {
  return name.replaceAll(/\s+/gu, '').toLowerCase();
}

function partOf(found: string, me: string): TextPart {
  if (found.startsWith('@')) {
    return { kind: 'mention', text: found, isMe: me !== '' && mentionKey(found.slice(1)) === me };
  }
  const text = trimmedLink(found);
  const href = hrefOf(text);
  return href === undefined ? { kind: 'text', text } : { kind: 'link', text, href };
}

/** `me` is the mentionKey() of who reads. */
export function textParts(text: string, me: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(marks)) {
    const part = partOf(match[0], me);
    if (part.kind === 'text') continue;
    if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) });
    parts.push(part);
    end = match.index + part.text.length;
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) });
  return parts;
}
