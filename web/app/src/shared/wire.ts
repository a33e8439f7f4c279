// What the balancer sends, checked: docs/http.md. Casts nothing and trusts nothing.

/** Something came that is not as this page knows it: it is older or newer than its balancer. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

export type Fields = Readonly<Record<string, unknown>>;

export function fail(what: string): never {
  throw new WireError(what);
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fields(value: unknown, what: string): Fields {
  return isFields(value) ? value : fail(what);
}

/** Of an object that has names as keys, where `constructor` may be one of them. */
export function own(value: Fields, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

export function list(value: unknown, what: string): readonly unknown[] {
  return Array.isArray(value) ? value : fail(what);
}

export function text(value: unknown, what: string): string {
  return typeof value === 'string' ? value : fail(what);
}

export function number(value: unknown, what: string): number {
  return typeof value === 'number' && value >= 0 ? value : fail(what);
}

/** The latest that a Date can be; what is later makes it throw. */
const timeMax = 8.64e15;

/** In ms since 1970; 0 where it is no time. */
export function time(value: unknown, what: string): number {
  const ms = number(value, what);
  return ms <= timeMax ? ms : 0;
}

export function flag(value: unknown, what: string): boolean {
  return typeof value === 'boolean' ? value : fail(what);
}

/** What did not change is not there. */
export function optional<T>(
  value: unknown,
  what: string,
  check: (value: unknown, what: string) => T,
): T | undefined {
  return value === undefined ? undefined : check(value, what);
}

export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return fail('an event is no JSON');
  }
}
