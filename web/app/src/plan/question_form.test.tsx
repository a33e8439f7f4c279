// @vitest-environment jsdom
import { render } from '@testing-library/react';
import { expect, test } from 'vitest';
import { firstQuestion, type Question } from './model/question.ts';
import { QuestionForm } from './question_form.tsx';

const form = (question: Question) => (
  <QuestionForm question={question} problems={{}} onQuestion={() => {}} />
);

test('what is folded away opens for what an address fills in, and stays for who empties it', () => {
  const { container, rerender } = render(form(firstQuestion));
  const isOpen = (): boolean | undefined => container.querySelector('details')?.open;
  expect(isOpen()).toBe(false);
  rerender(form({ ...firstQuestion, size: '90B' }));
  expect(isOpen()).toBe(true);
  rerender(form(firstQuestion));
  expect(isOpen()).toBe(true);
});
