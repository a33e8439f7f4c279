import { PageHeader } from '../shared/page_header.tsx';
import { AnswerView } from './answer_view.tsx';
import type { Said } from './ask.ts';
import { QuestionForm } from './question_form.tsx';
import { usePlan } from './use_plan.ts';
import { useState } from 'react';
import type { Answer } from './model/answer.ts';

/** The last answer stays while a field is wrong, so that nothing jumps. */
function useLastAnswer(said: Said | undefined): Answer | undefined {
  const [last, setLast] = useState<Answer>();
  if (said?.type === 'answer' && said.answer !== last) setLast(said.answer);
  return last;
}

export function PlanPage() {
  const { question, setQuestion, problems, said, isOld } = usePlan();
  const answer = useLastAnswer(said);
  const isWrong = Object.keys(problems).length > 0;
  const failed = said?.type === 'failed' && !isOld ? said.words : '';
  const words = isWrong && answer !== undefined ? 'Below is the last answer.' : failed;
  return (
    <>
      <PageHeader current="plan" />
      <main id="main" className="mx-auto max-w-6xl p-3 sm:p-4">
        <h1 className="text-xl font-semibold">Capacity</h1>
        <p className="mb-4 max-w-prose text-muted">
          What a number of users needs, by formulas whose numbers were measured. The address of this
          page holds the question, so a link shares it.
        </p>
        <div className="grid items-start gap-4 lg:grid-cols-[20rem_minmax(0,1fr)]">
          <QuestionForm question={question} problems={problems} onQuestion={setQuestion} />
          <div className="min-w-0">
            <p role="status" className={words === '' ? 'sr-only' : 'mb-2 text-sm text-warn'}>
              {words}
            </p>
            {answer === undefined ? null : <AnswerView answer={answer} isOld={isOld || isWrong} />}
          </div>
        </div>
      </main>
    </>
  );
}
