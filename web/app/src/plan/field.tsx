import type { ReactNode } from 'react';

interface Props {
  readonly name: string;
  readonly label: string;
  /** What it takes, below it; a problem stands in its place. */
  readonly hint: string;
  readonly problem: string | undefined;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly numeric?: boolean;
  readonly placeholder?: string;
  readonly before?: ReactNode;
  readonly disabled?: boolean;
}

/** A field, whose problem stands where its hint was: nothing moves. */
export function Field(props: Props) {
  const { name, label, hint, problem, value, onValue, numeric, placeholder, before } = props;
  return (
    <div>
      <label htmlFor={name} className="block text-sm font-semibold">
        {label}
      </label>
      <div className="mt-1 flex gap-2">
        {before}
        <input
          id={name}
          name={name}
          className="field w-full min-w-0 tabular-nums aria-invalid:border-bad"
          inputMode={numeric === true ? 'numeric' : 'text'}
          autoComplete="off"
          spellCheck={false}
          disabled={props.disabled}
          placeholder={placeholder}
          value={value}
          aria-invalid={problem !== undefined}
          aria-describedby={`${name}-hint`}
          onChange={(event) => onValue(event.target.value)}
        />
      </div>
      <p
        id={`${name}-hint`}
        className={`mt-0.5 min-h-[1.2rem] text-xs ${problem === undefined ? 'text-muted' : 'text-bad'}`}
      >
        {problem ?? hint}
      </p>
    </div>
  );
}
