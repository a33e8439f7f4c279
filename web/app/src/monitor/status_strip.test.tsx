// @vitest-environment jsdom
import { render } from '@testing-library/react';
import { expect, test } from 'vitest';
import { StatusStrip } from './status_strip.tsx';

test.each([
  [undefined, ''],
  [true, 'This balancer decides'],
  [false, 'Another balancer decides'],
])('who decides: %s is %j', (deciding, words) => {
  const { container } = render(
    <StatusStrip
      freshness={{ state: 'connecting', words: '' }}
      headline={undefined}
      deciding={deciding}
      time=""
      problem=""
    />,
  );
  expect(container.textContent).toBe(`○Connecting${words}`);
});
