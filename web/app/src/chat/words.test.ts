import { expect, test } from 'vitest';
import { connectionWords, waitWords, whyRefused } from './words.ts';

test('each state of the connection has its words', () => {
  expect(connectionWords({ name: 'connecting' }).health).toBe('busy');
  expect(connectionWords({ name: 'joined', url: 'ws://x' }).text).toBe('Connected');
  const lost = connectionWords({ name: 'waiting', reason: '1006', retryInMs: 100 });
  expect(lost).toEqual({ health: 'lost', text: 'Connection lost, coming back…' });
  expect(connectionWords({ name: 'closed' }).text).toBe('Left the room');
  const refused = { name: 'closed', error: { code: 'refused', message: 'no' } } as const;
  expect(connectionWords(refused).text).toContain('will not let you back in');
  const other = { name: 'closed', error: { code: 'of_a_later_release', message: 'why' } } as const;
  expect(connectionWords(other).text).toBe('Closed: why');
});

test('a refused line says why, also in words that are not known yet', () => {
  expect(whyRefused({ code: 'message_too_long', message: '…' })).toBe('it is too long');
  expect(whyRefused({ code: 'of_a_later_release', message: 'because' })).toBe('because');
});

test('waiting says for how long, and whose fault it is', () => {
  expect(waitWords('rate_limited', 3)).toContain('in 3 s');
  expect(waitWords('rate_limited', 3)).not.toBe(waitWords('unavailable', 3));
});
