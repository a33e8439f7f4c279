import { site } from '../shared/here.ts';
import { isFields, WireError } from '../shared/wire.ts';
import { parseAnswer, type Answer } from './model/answer.ts';
import { parseLive, questionOf } from './model/live.ts';
import { problemsFrom, toQuery, type Problems, type Question } from './model/question.ts';

export type Said =
  | { readonly type: 'answer'; readonly answer: Answer }
  | { readonly type: 'problems'; readonly problems: Problems }
  /** Nothing of the question is wrong. */
  | { readonly type: 'failed'; readonly words: string };

const silence: Said = { type: 'failed', words: 'The balancer does not answer. Try again.' };

async function getJson(path: string, signal: AbortSignal): Promise<{ ok: boolean; body: unknown }> {
  const answer = await fetch(site.api + path, { signal, headers: { Accept: 'application/json' } });
  return { ok: answer.ok, body: await answer.json() };
}

function failure(body: unknown): Said {
  const error = isFields(body) ? body['error'] : undefined;
  if (typeof error !== 'string') return silence;
  const problems = problemsFrom(error);
  return problems === undefined
    ? { type: 'failed', words: `The balancer says: ${error}.` }
    : { type: 'problems', problems };
}

/** Undefined: it was called off. */
export async function ask(question: Question, signal: AbortSignal): Promise<Said | undefined> {
  try {
    const { ok, body } = await getJson(`/plan?${toQuery(question)}`, signal);
    return ok ? { type: 'answer', answer: parseAnswer(body) } : failure(body);
  } catch (error) {
    if (signal.aborted) return undefined;
    if (error instanceof WireError) return { type: 'failed', words: 'That is no plan.' };
    return silence;
  }
}

/** The question that the fleet asks as it is now, or why there is none. */
export async function askFleet(question: Question): Promise<Question | string> {
  try {
    const { ok, body } = await getJson('/redis-stats', AbortSignal.timeout(10_000));
    return ok ? questionOf(parseLive(body), question) : 'The balancer knows no fleet yet.';
  } catch {
    return 'The balancer does not answer. Try again.';
  }
}
