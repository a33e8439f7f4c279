// @vitest-environment jsdom
import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useBusyRooms } from './use_busy_rooms.ts';

class FakeSource extends EventTarget {
  static opened: FakeSource[] = [];
  isClosed = false;

  constructor() {
    super();
    FakeSource.opened.push(this);
  }

  close(): void {
    this.isClosed = true;
  }
}

beforeEach(() => {
  FakeSource.opened = [];
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', FakeSource);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const tell = (event: Event): void => act(() => void FakeSource.opened.at(-1)?.dispatchEvent(event));

test('a balancer that does not say is asked again, and that it did not say is known', () => {
  const { result } = renderHook(useBusyRooms);
  expect(result.current).toEqual({ rooms: undefined, hasFailed: false });
  tell(new Event('error'));
  expect(result.current).toEqual({ rooms: undefined, hasFailed: true });
  expect(FakeSource.opened.map(({ isClosed }) => isClosed)).toEqual([true]);
  act(() => void vi.advanceTimersByTime(10_000));
  tell(new MessageEvent('state', { data: '{"chatRooms":{"lobby":{"clients":[0,2]}}}' }));
  expect(result.current).toEqual({ rooms: [{ name: 'lobby', viewers: 2 }], hasFailed: false });
  expect(FakeSource.opened.map(({ isClosed }) => isClosed)).toEqual([true, true]);
});
