import { memo } from 'react';
import type { Freshness } from './model/freshness.ts';
import type { Headline } from './model/headline.ts';

/** What something is, as a shape, a colour and a word: any of them is enough. */
export type Mood = 'good' | 'warn' | 'bad' | 'none';

const moods: Readonly<Record<Mood, readonly [string, string]>> = {
  good: ['●', 'text-good'],
  warn: ['▲', 'text-warn'],
  bad: ['■', 'text-bad'],
  none: ['○', 'text-muted'],
};

export function StateWord({ mood, children }: { mood: Mood; children: string }) {
  const [shape, color] = moods[mood];
  return (
    <span className={`inline-flex items-center gap-1.5 font-semibold ${color}`}>
      <span aria-hidden="true" className="text-[0.7em]">
        {shape}
      </span>
      <span>{children}</span>
    </span>
  );
}

interface Props {
  readonly freshness: Freshness;
  readonly headline: Headline | undefined;
  /** undefined: nobody has said so yet. */
  readonly deciding: boolean | undefined;
  /** The time of the newest numbers. */
  readonly time: string;
  readonly problem: string;
}

function freshWord(state: Freshness['state']): readonly [Mood, string] {
  if (state === 'live') return ['good', 'Live'];
  return state === 'stale' ? ['bad', 'Stale'] : ['none', 'Connecting'];
}

/** Always there and always as high, so that nothing moves when something is wrong. */
export const StatusStrip = memo(function StatusStrip(props: Props) {
  const { freshness, headline, deciding, time, problem } = props;
  const [mood, word] = freshWord(freshness.state);
  const isLive = freshness.state === 'live';
  const words = problem === '' ? freshness.words : `${freshness.words}; not understood: ${problem}`;
  return (
    <div
      className={`sticky top-0 z-10 flex min-h-11 flex-wrap items-center gap-x-4 gap-y-0.5 border-b px-3 py-1.5 text-sm sm:px-4 ${
        isLive ? 'border-edge bg-surface' : 'border-bad bg-raised'
      }`}
    >
      <span role="status" className="w-24 shrink-0" data-testid="freshness">
        <StateWord mood={mood}>{word}</StateWord>
      </span>
      {isLive && headline !== undefined ? (
        <p className="min-w-0 flex-1 basis-60" data-testid="headline">
          <StateWord mood={headline.mood}>{headline.word}</StateWord>
          <span className="text-muted">: </span>
          {headline.sentence}.
        </p>
      ) : (
        <p className="min-w-0 flex-1 basis-60" data-testid="stale-words">
          {words === '' ? '' : `${words}.`}
        </p>
      )}
      <p className="shrink-0 text-muted tabular-nums max-sm:hidden">
        {deciding === undefined
          ? ''
          : deciding
            ? 'This balancer decides'
            : 'Another balancer decides'}
        {time === '' ? '' : ` · ${time}`}
      </p>
    </div>
  );
});
