// What the SDK tells its page, with one thing wrong each: the judge has to see it, and only that.
import { expect, test } from 'vitest';
import {
  ack,
  chat,
  chats,
  fact,
  first,
  gap,
  registered,
  reporting,
  said,
  saying,
  settled,
  shows,
  showsAll,
  tellsGap,
  viewer,
  wrong,
  wrongs,
} from './testing.ts';
import type { Said, Viewing } from './history.ts';

const four = viewer('ann', 'E:4', [registered('E', 0), ...chats(1, 4)]);
const newEpoch = { epochs: [first, fact('F', 'E', 2)], redisStarts: 2 };
/** The new epoch goes on from where this one was. */
const over = viewer('ann', 'F:4', [
  registered('E', 0),
  ...chats(1, 2),
  registered('F', 2, true),
  ...chats(3, 4),
]);
/** Redis lost 3 of E, and 3 and 4 of F are others. */
const lossy = { ...newEpoch, losses: [{ room: undefined, at: 200 }] };
const lost = viewer('ann', 'F:4', [
  registered('E', 0),
  ...chats(1, 3),
  registered('F', 2, false),
  chat(3, 'another'),
  chat(4, 'yet another'),
]);
const fewKept = { history: 1 };

test('what was told on the wire and shown, in its order, is fine, also over epochs', () => {
  expect(wrongs('E:4', [reporting(four, ...showsAll('E', 1, 4))])).toEqual([]);
  const shown = [...showsAll('E', 1, 2), ...showsAll('F', 3, 4)];
  expect(wrongs('F:4', [reporting(over, ...shown)], newEpoch)).toEqual([]);
  const others = [shows('F', 3, 'another'), shows('F', 4, 'yet another')];
  const told = [...showsAll('E', 1, 3), tellsGap('F'), ...others];
  expect(wrongs('F:4', [reporting(lost, ...told)], lossy)).toEqual([]);
});

test('a message that came and was not shown is found', () => {
  expect(wrong('E:4', [reporting(four, ...showsAll('E', 1, 2), shows('E', 4))])).toBe(
    'the SDK of ann: lost 1 in silence: E:3',
  );
  expect(wrong('E:4', [reporting(four, ...showsAll('E', 1, 3))])).toContain('E:4');
  expect(wrong('E:4', [reporting(four)])).toContain('lost 4 in silence');
});

test('a message that is shown twice, or out of order, is found', () => {
  const twice = [...showsAll('E', 1, 3), shows('E', 3), shows('E', 4)];
  expect(wrongs('E:4', [reporting(four, ...twice)])).toEqual([
    'the SDK of ann: message E:3 after E:3',
    'the SDK of ann: shows id of line 3 twice',
  ]);
  const swapped = [shows('E', 1), shows('E', 3), shows('E', 2), shows('E', 4)];
  expect(wrong('E:4', [reporting(four, ...swapped)])).toContain('message E:2 after E:3');
  const back = [...showsAll('E', 1, 2), shows('F', 3), shows('E', 3), shows('F', 4)];
  expect(wrongs('F:4', [reporting(over, ...back)], newEpoch)).toContain(
    'the SDK of ann: message of E, which is older than F',
  );
});

test('a line that stands twice is to be shown once', () => {
  const repeated = viewer('ann', 'E:3', [registered('E', 0), chat(1, 'x'), chat(2), chat(3, 'x')]);
  const once = [shows('E', 1, 'x'), shows('E', 2)];
  expect(wrongs('E:3', [reporting(repeated, ...once)])).toEqual([]);
  expect(wrong('E:3', [reporting(repeated, ...once, shows('E', 3, 'x'))])).toBe(
    'the SDK of ann: shows id of x twice',
  );
});

test('what is shown is what was sent', () => {
  const changed = [...showsAll('E', 1, 3), { ...shows('E', 4), text: 'else' }];
  expect(wrong('E:4', [reporting(four, ...changed)])).toMatch(/^at E:4 .*the SDK of ann has/);
});

test('a gap is told where a server told of it, and where nothing was shown', () => {
  const gapped = viewer('ann', 'E:4', [registered('E', 0), chat(1), gap(2, 3), chat(4)]);
  const told = [shows('E', 1), tellsGap('E', 2, 3), shows('E', 4)];
  expect(wrongs('E:4', [reporting(gapped, ...told)], fewKept)).toEqual([]);
  expect(wrong('E:4', [reporting(gapped, shows('E', 1), shows('E', 4))], fewKept)).toContain(
    'lost 2 in silence: E:2, E:3',
  );
  expect(wrongs('E:4', [reporting(four, ...told)])).toContain(
    'the SDK of ann: a gap at E:2 that no server told of',
  );
  const shown = [...showsAll('E', 1, 2), tellsGap('E', 2, 3), shows('E', 4)];
  const both = viewer('ann', 'E:4', [registered('E', 0), chat(1), gap(2, 3), chat(4)]);
  expect(wrong('E:4', [reporting(both, ...shown)], fewKept)).toContain(
    'a gap at E:2, which it has shown',
  );
});

test('on resume recovered:false is a gap of what lies between', () => {
  const resumed = viewer(
    'ann',
    'E:4',
    [registered('E', 0), chat(1)],
    [registered('E', 3, false), chat(4)],
  );
  const told = [shows('E', 1), tellsGap('E', 2, 3), shows('E', 4)];
  expect(wrongs('E:4', [reporting(resumed, ...told)], fewKept)).toEqual([]);
  expect(wrong('E:4', [reporting(resumed, shows('E', 1), shows('E', 4))], fewKept)).toContain(
    'lost 2 in silence',
  );
});

test('a loss of unknown size excuses what was before the new order began, and is no invention', () => {
  const early = viewer('ann', 'F:4', [
    registered('E', 0),
    chat(1),
    registered('F', 3, false),
    chat(4),
  ]);
  const told = [shows('E', 1), tellsGap('F'), shows('F', 4)];
  const around = { epochs: [first, fact('F', '', 0)], redisStarts: 2, ...fewKept };
  expect(wrongs('F:4', [reporting(early, ...told)], around)).toEqual([]);
  expect(wrong('F:4', [reporting(early, shows('E', 1), tellsGap('F'))], around)).toContain(
    'lost 1 in silence: F:4',
  );
  expect(wrongs('F:4', [reporting(early, shows('E', 1), shows('F', 4))], around)).toHaveLength(1);
  const invented = [...showsAll('E', 1, 2), tellsGap('F'), ...showsAll('F', 3, 4)];
  expect(wrong('F:4', [reporting(over, ...invented)], newEpoch)).toContain(
    'told 1 losses of unknown size, was told 0',
  );
});

test('a promise is kept when the line stands, in the order of the lines, and every one is settled', () => {
  const answered = viewer('ann', 'E:2', [
    registered('E', 0),
    ...chats(1, 2),
    ack('line 1', 1),
    ack('line 2', 2),
  ]);
  const sdk = (...lines: Said[]): Viewing =>
    saying(reporting(answered, ...showsAll('E', 1, 2)), ...lines);
  const [one, two] = [said('line 1', 0), said('line 2', 0)];
  const kept = [settled(one, { resolved: 1 }), settled(two, { resolved: 2 })] as const;
  expect(wrongs('E:2', [sdk(...kept)])).toEqual([]);
  expect(wrong('E:2', [sdk(kept[0], two)])).toContain('id of line 2 was never settled');
  const rejected = settled(two, { rejected: 'queue_full' });
  expect(wrong('E:2', [sdk(kept[0], rejected)])).toContain('was rejected: queue_full');
  const invented = settled(two, { resolved: 3 });
  expect(wrong('E:2', [sdk(kept[0], invented)])).toContain('was kept, and no server said so');
  const swapped = wrongs('E:2', [sdk(kept[1], kept[0])]);
  expect(swapped).toContain(
    'the SDK of ann: its promise for id of line 1 is at 1, one before it at 2',
  );
});
