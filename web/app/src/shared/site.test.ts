import { expect, test } from 'vitest';
import { siteAt, siteRoot } from './site.ts';

test.each([
  ['/', '/'],
  ['/monitor', '/'],
  ['/plan', '/'],
  ['/chat/lobby', '/'],
  ['/chat/a%2Fb', '/'],
  ['/chat/', '/'],
  ['/live/', '/live/'],
  ['/live/monitor', '/live/'],
  ['/live/chat/chat', '/live/'],
  ['/plan/chat/plan', '/plan/'],
])('the pages of %s begin at %s', (path, root) => {
  expect(siteRoot(path)).toBe(root);
});

test('links keep a prefix, and a room name is one segment whatever is in it', () => {
  const site = siteAt('/live/chat/lobby');
  expect(site.chat('a/b ?#ü')).toBe('/live/chat/a%2Fb%20%3F%23%C3%BC');
  expect(site.api).toBe('/live');
  expect(siteAt('/').api).toBe('');
});
