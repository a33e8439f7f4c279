import { memo } from 'react';
import { kindOf, numbersText, whatWord, withNames, type DecisionGroup } from './model/decisions.ts';
import { clockTime } from './model/units.ts';

const signs = { more: '+', fewer: '−', move: '↔' } as const;

interface Props {
  readonly groups: readonly DecisionGroup[];
  readonly nameOf: (id: string) => string | undefined;
}

const Entry = memo(function Entry({
  group,
  nameOf,
}: { group: DecisionGroup } & Omit<Props, 'groups'>) {
  const { decision, since, count } = group;
  const numbers = numbersText(decision.numbers);
  return (
    <li className="border-t border-edge px-3 py-2 first:border-t-0">
      <p className="flex items-baseline justify-between gap-2">
        <span className="font-semibold">
          <span aria-hidden="true" className="inline-block w-4 font-normal">
            {signs[kindOf(decision.what)]}
          </span>
          {whatWord(decision.what)}
          {count > 1 ? <span className="font-normal text-muted"> {count} times</span> : null}
        </span>
        <time
          dateTime={new Date(decision.at).toISOString()}
          className="shrink-0 text-xs text-muted tabular-nums"
        >
          {count > 1 ? `${clockTime(since)} – ` : ''}
          {clockTime(decision.at)}
        </time>
      </p>
      <p className="pl-4 text-sm wrap-anywhere">{withNames(decision.why, nameOf)}</p>
      {numbers === '' ? null : <p className="pl-4 text-xs text-muted tabular-nums">{numbers}</p>}
    </li>
  );
});

/** What the balancer and people decided, and why; the newest first. */
export const Timeline = memo(function Timeline({ groups, nameOf }: Props) {
  return (
    <section aria-labelledby="decisions" className="flex min-h-0 flex-col">
      <h2 id="decisions" className="mb-2 font-semibold">
        Decisions
      </h2>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by keys */}
      <ol
        aria-labelledby="decisions"
        tabIndex={0}
        className="relative max-h-[28rem] min-h-24 overflow-y-auto rounded-lg border border-edge bg-surface xl:max-h-[calc(100vh-8rem)]"
      >
        {groups.length === 0 ? (
          <li className="p-3 text-sm text-muted">Nothing was decided since this balancer began.</li>
        ) : null}
        {groups.map((group) => (
          <Entry
            key={`${group.since} ${group.decision.what} ${group.decision.why}`}
            group={group}
            nameOf={nameOf}
          />
        ))}
      </ol>
    </section>
  );
});
