import type { Answer } from './model/answer.ts';
import { assumed, countText, growth, limitNow, rows, serversText } from './model/words.ts';

/** The answer in one line, then all of it, then what becomes of it. */
export function AnswerView({ answer, isOld }: { answer: Answer; isOld: boolean }) {
  const [now, ...grown] = answer.steps;
  if (now === undefined) return null;
  return (
    <div aria-busy={isOld} className="grid min-w-0 gap-4">
      <div className="rounded-lg border border-edge bg-surface p-4">
        <p className="text-2xl font-semibold" data-testid="needed">
          {serversText(now.servers.needed)}
        </p>
        <p>
          for {countText(now.deliveriesPerS)} deliveries/s. {limitNow(now)}
        </p>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by keys */}
      <div
        role="region"
        aria-label="The plan"
        tabIndex={0}
        className="overflow-x-auto rounded-lg border border-edge bg-surface"
      >
        <table className="w-full min-w-[30rem] text-sm">
          <caption className="sr-only">With as many users, twice and ten times as many</caption>
          <thead>
            <tr className="border-b border-edge text-right">
              <td className="px-4 py-2" />
              {answer.steps.map(({ scale }) => (
                <th key={scale} scope="col" className="w-32 px-4 py-2 font-semibold">
                  {scale}×
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ label, inner, cell }, at) => (
              <tr
                key={`${label} ${rows[at - 1]?.label}`}
                className={inner === true ? '' : 'border-t border-edge first:border-t-0'}
              >
                <th
                  scope="row"
                  className={`py-1 pr-4 text-left font-normal ${inner === true ? 'pl-8 text-muted' : 'pl-4'}`}
                >
                  {label}
                </th>
                {answer.steps.map((step) => (
                  <td
                    key={step.scale}
                    className={`px-4 py-1 text-right whitespace-nowrap tabular-nums ${
                      at === 0 ? 'font-semibold' : inner === true ? 'text-muted' : ''
                    }`}
                  >
                    {cell(step)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <section aria-labelledby="growth" className="rounded-lg border border-edge bg-surface p-4">
        <h2 id="growth" className="font-semibold">
          When more come to the same rooms
        </h2>
        <dl className="mt-1 grid gap-2">
          {grown.map((step) => (
            <div key={step.scale} className="grid grid-cols-[3rem_1fr]">
              <dt className="font-semibold">{step.scale}×</dt>
              <dd>{growth(step, now)}</dd>
            </div>
          ))}
        </dl>
        <p className="mt-3 text-xs text-muted">Assumed: {assumed(answer)}</p>
      </section>
    </div>
  );
}
