import { useState } from 'react';
import { askFleet } from './ask.ts';
import { Field } from './field.tsx';
import type { FieldName, Problems, Question } from './model/question.ts';

interface Props {
  readonly question: Question;
  readonly problems: Problems;
  readonly onQuestion: (question: Question) => void;
}

interface Described {
  readonly name: FieldName;
  readonly label: string;
  readonly hint: string;
  readonly numeric?: boolean;
  readonly placeholder?: string;
}

const needed: readonly Described[] = [
  { name: 'users', label: 'Users', hint: 'over all rooms, at the same time', numeric: true },
  { name: 'rooms', label: 'Rooms', hint: 'that they are in', numeric: true },
  { name: 'interval', label: 'Interval', hint: 'between two messages of a user, as 30s or 10m' },
];

const more: readonly Described[] = [
  { name: 'size', label: 'Message size', hint: 'of text, as 60B or 1KiB', placeholder: '60B' },
  {
    name: 'flush-interval-max',
    label: 'Flush interval',
    hint: 'the longest wait for a fuller write',
    placeholder: '100ms',
  },
  {
    name: 'spawn-writes',
    label: 'Deliveries of a server',
    hint: 'a second, as --spawn-writes',
    placeholder: 'as this balancer',
    numeric: true,
  },
  {
    name: 'spawn-busy',
    label: 'Busy share of a server',
    hint: '0.01 to 1, as --spawn-busy',
    placeholder: 'as this balancer',
  },
];

export function QuestionForm({ question, problems, onQuestion }: Props) {
  const field = ({ name, ...described }: Described) => (
    <Field
      key={name}
      name={name}
      {...described}
      problem={problems[name]}
      value={question[name]}
      onValue={(value) => onQuestion({ ...question, [name]: value })}
    />
  );
  const isUsed = more.some(({ name }) => question[name] !== '');
  const [wasUsed, setWasUsed] = useState(isUsed);
  const [isOpen, setIsOpen] = useState(isUsed);
  // What an address fills in is seen. A field that is emptied again does not take itself away.
  if (isUsed !== wasUsed) {
    setWasUsed(isUsed);
    if (isUsed) setIsOpen(true);
  }
  return (
    <form
      aria-label="What is planned for"
      className="grid gap-3 rounded-lg border border-edge bg-surface p-4"
      onSubmit={(event) => event.preventDefault()}
    >
      {needed.map(field)}
      <Distribution
        value={question.distribution}
        problem={problems.distribution}
        onValue={(distribution) => onQuestion({ ...question, distribution })}
      />
      <details open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary className="cursor-pointer text-sm text-accent">What a server does</summary>
        <div className="mt-3 grid gap-3">{more.map(field)}</div>
      </details>
      <FromLive question={question} onQuestion={onQuestion} />
    </form>
  );
}

interface DistributionProps {
  readonly value: string;
  readonly problem: string | undefined;
  readonly onValue: (value: string) => void;
}

function Distribution({ value, problem, onValue }: DistributionProps) {
  const isZipf = value.startsWith('zipf');
  return (
    <Field
      name="distribution"
      label={isZipf ? 'Distribution: how steep' : 'Distribution'}
      hint={
        isZipf
          ? 'the n-th largest room has a share of 1/n^S; real ones are near 1'
          : 'all rooms have as many users'
      }
      problem={problem}
      value={isZipf ? value.slice('zipf:'.length) : ''}
      disabled={!isZipf}
      onValue={(steepness) => onValue(`zipf:${steepness}`)}
      before={
        <select
          aria-label="Distribution of users over rooms"
          className="field w-36"
          value={isZipf ? 'zipf' : 'uniform'}
          onChange={(event) => onValue(event.target.value === 'zipf' ? 'zipf:1.1' : 'uniform')}
        >
          <option value="uniform">Equal rooms</option>
          <option value="zipf">Zipf</option>
        </select>
      }
    />
  );
}

function FromLive({ question, onQuestion }: Omit<Props, 'problems'>) {
  const [words, setWords] = useState('');
  const fill = async (): Promise<void> => {
    setWords('Asking…');
    const live = await askFleet(question);
    if (typeof live !== 'string') onQuestion(live);
    setWords(typeof live === 'string' ? live : 'Filled in as the fleet is now.');
  };
  return (
    <div>
      <button type="button" className="button w-full" onClick={() => void fill()}>
        Fill in from the live fleet
      </button>
      <p role="status" className="mt-1 min-h-[1.2rem] text-xs text-muted">
        {words}
      </p>
    </div>
  );
}
