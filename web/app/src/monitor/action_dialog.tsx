import { useLayoutEffect, useRef, useState, type FormEvent } from 'react';
import { question, type Action, type Outcome } from './model/admin.ts';
import { perform } from './perform.ts';

interface Props {
  readonly action: Action;
  /** Servers up besides the one that it is about. */
  readonly others: number;
  readonly onDone: (words: string) => void;
  readonly onCancel: () => void;
}

/** Asks whether it is meant, for the admin token where one is needed, and says what went wrong. */
export function ActionDialog({ action, others, onDone, onCancel }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isBusy, setIsBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const [token, setToken] = useState('');
  const asksToken = outcome?.type === 'token';
  const title = action.do === 'start' ? 'Start a server?' : `Drain ${action.name}?`;
  const verb = action.do === 'start' ? 'Start' : 'Drain and retire';

  // Before it is taken out of the page: closing gives the focus back to where it was.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsBusy(true);
    const next = await perform(action, asksToken ? token : undefined);
    setIsBusy(false);
    setToken('');
    if (next.type === 'done') onDone(next.words);
    else setOutcome(next);
  };

  return (
    <dialog
      ref={dialog}
      aria-labelledby="action-title"
      aria-describedby="action-text"
      onCancel={onCancel}
      className="m-auto w-[26rem] max-w-[calc(100vw-2rem)] rounded-lg border border-edge bg-surface p-4 text-ink backdrop:bg-ink/40"
    >
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="action-title" className="text-lg font-semibold">
          {title}
        </h2>
        <p id="action-text" className="mt-1">
          {question(action, others)}
        </p>
        {asksToken ? (
          <TokenField refused={outcome.refused} token={token} onToken={setToken} />
        ) : null}
        <p role="alert" className="mt-2 min-h-6 text-sm text-bad">
          {outcome?.type === 'failed' ? outcome.words : ''}
        </p>
        <div className="mt-2 flex justify-end gap-2">
          <button type="button" className="action h-9" onClick={onCancel}>
            Cancel
          </button>
          <button type="submit" className="button" disabled={isBusy}>
            {isBusy ? 'Asking the balancer…' : verb}
          </button>
        </div>
      </form>
    </dialog>
  );
}

interface TokenProps {
  readonly refused: boolean;
  readonly token: string;
  readonly onToken: (token: string) => void;
}

function TokenField({ refused, token, onToken }: TokenProps) {
  return (
    <div className="mt-3">
      <label htmlFor="token" className="block text-sm font-semibold">
        Admin token
      </label>
      <input
        id="token"
        type="password"
        autoComplete="off"
        autoFocus
        required
        className="field mt-1 w-full"
        value={token}
        aria-invalid={refused}
        aria-describedby="token-text"
        onChange={(event) => onToken(event.target.value)}
      />
      <p id="token-text" className={`mt-1 text-sm ${refused ? 'text-bad' : 'text-muted'}`}>
        {refused
          ? 'The balancer did not take that token: it is what --admin-token says.'
          : 'What the balancer’s --admin-token says. This tab remembers it until it is closed.'}
      </p>
    </div>
  );
}
