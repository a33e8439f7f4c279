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

test('the longest message is cut in no time, whatever is in it', () => {
  const started = performance.now();
  for (const piece of ['@', 'http://', '(', 'https://a.example/)', 'https://a.example/((']) {
    textParts(piece.repeat(2048), '');
  }
  // Seconds where it is quadratic in a bad way; a message is at most 2 KiB by default.
  expect(performance.now() - started).toBeLessThan(2000);
});
