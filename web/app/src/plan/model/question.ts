// What is asked of GET /plan, as the form has it and as it stands in the page's address.

export const fieldNames = [
  'users',
  'rooms',
  'interval',
  'distribution',
  'size',
  'flush-interval-max',
  'spawn-writes',
  'spawn-busy',
] as const;

export type FieldName = (typeof fieldNames)[number];

/** As typed; '' is the balancer's default. */
export type Question = Readonly<Record<FieldName, string>>;

export const firstQuestion: Question = {
  users: '10000',
  rooms: '100',
  interval: '1m',
  distribution: 'zipf:1.1',
  size: '',
  'flush-interval-max': '',
  'spawn-writes': '',
  'spawn-busy': '',
};

/** What is filled in, as a query: of the call, and behind the # of the address. */
export function toQuery(question: Question): string {
  const query = new URLSearchParams();
  for (const name of fieldNames) {
    const value = question[name].trim();
    if (value !== '') query.set(name, value);
  }
  // A colon needs no escape, and an address is read by people.
  return query.toString().replaceAll('%3A', ':');
}

/** The question of an address; undefined: it asks nothing. */
export function fromHash(hash: string): Question | undefined {
  const query = new URLSearchParams(hash.replace(/^#/, ''));
  if (!fieldNames.some((name) => query.has(name))) return undefined;
  const value = (name: FieldName): string => query.get(name) ?? '';
  return {
    users: value('users'),
    rooms: value('rooms'),
    interval: value('interval'),
    distribution: value('distribution') === '' ? 'uniform' : value('distribution'),
    size: value('size'),
    'flush-interval-max': value('flush-interval-max'),
    'spawn-writes': value('spawn-writes'),
    'spawn-busy': value('spawn-busy'),
  };
}

export type Problems = Readonly<Partial<Record<FieldName, string>>>;

const wholeNumber = /^\d{1,15}$/;
const duration = /^\d+(?:\.\d+)?(?:us|ms|s|m|h|d)$/;

function count(text: string, what: string, max: number): string {
  if (text === '') return `Say how many ${what} there are.`;
  if (wholeNumber.test(text) && Number(text) >= 1 && Number(text) <= max) return '';
  return `Give a whole number from 1 to ${max.toLocaleString('en')}.`;
}

/** What can be said without asking; all fields at once, where the balancer tells of the first. */
export function problemsOf(question: Question): Problems {
  const text = (name: FieldName): string => question[name].trim();
  const interval = text('interval');
  const found: readonly (readonly [FieldName, string])[] = [
    ['users', count(text('users'), 'users', 100_000_000)],
    ['rooms', count(text('rooms'), 'rooms', 1_000_000)],
    [
      'interval',
      interval === ''
        ? 'Say how long a user waits between two messages, as 30s.'
        : duration.test(interval)
          ? ''
          : 'Give a time with its unit, as 500ms, 30s, 10m or 2h.',
    ],
    [
      'distribution',
      /^(?:uniform|zipf:(?:\d+(?:\.\d+)?))$/.test(text('distribution'))
        ? ''
        : 'Give how steep it is as a number from 0 to 10.',
    ],
  ];
  return Object.fromEntries(found.filter(([, problem]) => problem !== ''));
}

/** The balancer's sentence, which begins with the field's name, put at that field. */
export function problemsFrom(error: string): Problems | undefined {
  const name = fieldNames.find((field) => error.startsWith(`${field}: `));
  if (name === undefined) return undefined;
  const text = error.slice(name.length + 2);
  return { [name]: `${text.charAt(0).toUpperCase()}${text.slice(1)}.`.replace(/\.\.$/, '.') };
}
