import { expect, test } from 'vitest';
import { mentionKey, textParts } from './text_parts.ts';

function links(text: string): readonly string[] {
  return textParts(text, '').flatMap((part) => (part.kind === 'link' ? [part.text] : []));
}

function mentions(text: string): readonly string[] {
  return textParts(text, '').flatMap((part) => (part.kind === 'mention' ? [part.text] : []));
}

test.each([
  ['see https://a.example/x?y=1#z now', ['https://a.example/x?y=1#z']],
  ['http://a.example.', ['http://a.example']],
  ['(https://a.example/b)', ['https://a.example/b']],
  ['https://a.example/b_(c).', ['https://a.example/b_(c)']],
  ['(https://a.example/b_(c).).', ['https://a.example/b_(c)']],
  ['[{https://a.example/[b]}]', ['https://a.example/[b]']],
  ['https://a.example, https://b.example!', ['https://a.example', 'https://b.example']],
  ['"https://a.example"', ['https://a.example']],
  ['<https://a.example>', ['https://a.example']],
  ['HTTPS://A.EXAMPLE', ['HTTPS://A.EXAMPLE']],
  ['https://a.example/ünïcode', ['https://a.example/ünïcode']],
  ['https://', []],
  ['https://.', []],
  ['javascript:alert(1)', []],
  ['data:text/html,x', []],
  ['ftp://a.example', []],
  ['xhttps://a.example', []],
  ['https://bank.example@evil.example', []],
  ['https://user:pass@evil.example', []],
])('links of %j', (text, expected) => {
  expect(links(text)).toEqual(expected);
});

test('a link leads to what it says', () => {
  expect(textParts('HTTP://A.example/b', '')).toEqual([
    { kind: 'link', text: 'HTTP://A.example/b', href: 'http://a.example/b' },
  ]);
});

test.each([
  ['@ada hi', ['@ada']],
  ['hi @ada, @bob!', ['@ada', '@bob']],
  ['(@jürgen-2)', ['@jürgen-2']],
  ['mail ada@example.org', []],
  ['https://a.example/@ada', []],
  ['@', []],
  ['@@ada', []],
])('mentions of %j', (text, expected) => {
  expect(mentions(text)).toEqual(expected);
});

test('who reads is found in any case, and with a name of several words', () => {
  const me = mentionKey('Ada Lovelace');
  const isMe = (text: string): boolean =>
    textParts(text, me).some((part) => part.kind === 'mention' && part.isMe);
  expect(isMe('@adalovelace')).toBe(true);
  expect(isMe('@AdaLovelace: hi')).toBe(true);
  expect(isMe('@ada')).toBe(false);
  expect(textParts('@x', '')).toEqual([{ kind: 'mention', text: '@x', isMe: false }]);
});

test.each([
  '',
  '<b>bold</b>',
  'a @b c https://d.example/ e.',
  '@a@b https://https://x.example',
  '@\u202Eabc https://\u0000',
  '&amp; ' + 'https://x.example/'.repeat(50),
])('the parts of %j are the whole text', (text) => {
  expect(
    textParts(text, '')
      .map((part) => part.text)
      .join(''),
  ).toBe(text);
});

// A hundred thousand characters take a blink, or minutes where each is looked at for every other one.
test.each([
  ['full stops and brackets', `http://a/${'.'.repeat(50_000)}${')'.repeat(50_000)}`, 'http://a/'],
  ['full stops before one letter', `http://a/${'.'.repeat(100_000)}b`, undefined],
  ['brackets by turns with full stops', `http://a/${').'.repeat(50_000)}`, 'http://a/'],
  ['brackets of three kinds', `http://a/(${')]}'.repeat(33_000)}`, 'http://a/()'],
  ['openers without end', `http://a/${'('.repeat(100_000)}`, undefined],
])('a link with %s is cut in one walk', (_, text, link = text) => {
  expect(links(text)).toEqual([link]);
});

test.each(['@', 'http://', '(', 'https://a.example/)', 'https://a.example/((', '@a '])(
  'a message of nothing but %j is cut in one walk',
  (piece) => {
    const text = piece.repeat(100_000 / piece.length);
    const cut = textParts(text, '').map((part) => part.text);
    expect(cut.join('') === text).toBe(true); // without printing it where it is not
  },
);
