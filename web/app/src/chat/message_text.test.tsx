// @vitest-environment jsdom
import { render } from '@testing-library/react';
import { expect, test } from 'vitest';
import { MessageText } from './message_text.tsx';
import { textParts } from './text_parts.ts';

test.each([
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script> &lt;b&gt;',
  '"><a href="javascript:alert(1)">x</a>',
  '@<b>x</b> https://a.example/"onmouseover="alert(1)',
])('%j is shown as it was written, and makes no element of its own', (text) => {
  const { container } = render(<MessageText parts={textParts(text, '')} />);
  expect(container.textContent).toBe(text);
  expect(container.querySelector('img, script, b:not(.font-semibold), [onmouseover]')).toBeNull();
});

test('a link tells the page that it leads to nothing about this one', () => {
  const { container } = render(<MessageText parts={textParts('see https://a.example/b?c.', '')} />);
  const link = container.querySelector('a');
  expect(link?.href).toBe('https://a.example/b?c');
  expect(link?.rel).toBe('noopener noreferrer nofollow');
  expect(link?.target).toBe('_blank');
});
