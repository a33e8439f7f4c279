import { useEffect, useState } from 'react';
import { ask, type Said } from './ask.ts';
import {
  firstQuestion,
  fromHash,
  problemsOf,
  toQuery,
  type Problems,
  type Question,
} from './model/question.ts';

/** After the last key; an answer takes a millisecond. */
const askAfterMs = 250;

export interface Plan {
  readonly question: Question;
  readonly setQuestion: (question: Question) => void;
  readonly problems: Problems;
  readonly said: Said | undefined;
  /** What is shown answers an earlier question. */
  readonly isOld: boolean;
}

function questionHere(): Question {
  return fromHash(location.hash) ?? firstQuestion;
}

/** The question, which the address shares, and what the balancer says to it. */
export function usePlan(): Plan {
  const [question, setQuestion] = useState(questionHere);
  const [said, setSaid] = useState<{ readonly to: string; readonly said: Said }>();
  const query = toQuery(question);
  const ours = problemsOf(question);
  const isSound = Object.keys(ours).length === 0;

  useEffect(() => {
    // Somebody followed a link to another question, or went back.
    const follow = (): void => setQuestion(questionHere());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);

  useEffect(() => {
    if (toQuery(questionHere()) !== query) history.replaceState(null, '', `#${query}`);
    if (!isSound) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      const next = await ask(fromHash(`#${query}`) ?? firstQuestion, stop.signal);
      if (next !== undefined) setSaid({ to: query, said: next });
    }, askAfterMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [query, isSound]);

  const theirs = said?.to === query && said.said.type === 'problems' ? said.said.problems : {};
  return {
    question,
    setQuestion,
    problems: { ...theirs, ...ours },
    said: said?.said,
    isOld: said?.to !== query,
  };
}
