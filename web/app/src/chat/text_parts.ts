/** A message, cut where something in it is marked. All of it is text; nothing in it is HTML. */
export type TextPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string }
  | { readonly kind: 'mention'; readonly text: string; readonly isMe: boolean };

// A link ends where a sentence's punctuation begins; an @ inside a word is an address of mail.
const marks = /\bhttps?:\/\/[^\s<>"]+|(?<![\p{L}\p{N}_.@/-])@[\p{L}\p{N}_-]{1,32}/giu;
const sentenceEnd: ReadonlySet<string> = new Set(".,;:!?'*_~…");
const closers: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
]);

/** By closing bracket: how many more there are of it than of its opening one. */
function surplusClosers(text: string): Map<string, number> {
  const surplus = new Map(Array.from(closers.values(), (closer) => [closer, 0]));
  for (const character of text) {
    const closer = closers.get(character) ?? character;
    const count = surplus.get(closer);
    if (count === undefined) continue;
    surplus.set(closer, closer === character ? count + 1 : count - 1);
  }
  return surplus;
}

/**
 * Without the punctuation behind it; a closing bracket stays where its opening one is in the link.
 * Strangers write it, so that each character is looked at twice and no more.
 */
function trimmedLink(found: string): string {
  const surplus = surplusClosers(found);
  let end = found.length;
  for (; end > 0; end -= 1) {
    const last = found.charAt(end - 1);
    if (sentenceEnd.has(last)) continue;
    const count = surplus.get(last) ?? 0;
    if (count <= 0) break;
    surplus.set(last, count - 1);
  }
  return found.slice(0, end);
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
