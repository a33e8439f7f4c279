import { site } from '../shared/here.ts';
import { storedToken, storeToken } from './admin_token.ts';
import { authorization, callOf, outcomeOf, type Action, type Outcome } from './model/admin.ts';

/** A server that starts is answered for after --server-start-timeout at the latest. */
const answerWithinMs = 30_000;

/** Asks the balancer, with the token that is given or was before; keeps one that it takes. */
export async function perform(action: Action, given?: string): Promise<Outcome> {
  const token = given ?? storedToken();
  const { method, path } = callOf(action);
  try {
    const answer = await fetch(site.api + path, {
      method,
      headers: token === undefined ? {} : { Authorization: authorization(token) },
      signal: AbortSignal.timeout(answerWithinMs),
    });
    const body: unknown = await answer.json().catch(() => undefined);
    const outcome = outcomeOf(action, answer.status, body, token !== undefined);
    storeToken(outcome.type === 'token' ? undefined : token);
    return outcome;
  } catch {
    return { type: 'failed', words: 'The balancer does not answer. Try again.' };
  }
}
