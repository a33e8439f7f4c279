// The golden messages of docs/protocol, which the unit tests of the server and the SDK read too.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './binary.ts';
import { isRecord } from './messages.ts';

export interface Golden {
  readonly name: string;
  /** As it is on the wire. */
  readonly text: string;
  /** What is read in it; in batches instead: the problem. */
  readonly expect: unknown;
  readonly problem: unknown;
  /** Exactly these bytes are what our own side writes. */
  readonly written: boolean;
}

export function golden(file: string): Golden[] {
  const content: unknown = JSON.parse(
    readFileSync(join(repository, 'docs/protocol', `${file}.json`), 'utf8'),
  );
  const messages = isRecord(content) ? content['messages'] : undefined;
  if (!Array.isArray(messages)) throw new Error(`${file}.json has no messages`);
  return messages.map((message: unknown) => {
    if (!isRecord(message)) throw new Error(`${file}.json: a message is no object`);
    const { name, text, json, expect, problem, written } = message;
    return {
      name: String(name),
      text: typeof text === 'string' ? text : JSON.stringify(json),
      expect,
      problem,
      written: written === true,
    };
  });
}

/** The fields of a message in their order, with their types; what is inside `data` is free. */
function fields(value: unknown): string[] {
  const found: string[] = [];
  for (const [name, inner] of Object.entries(isRecord(value) ? value : {})) {
    if (name === 'type') found.push(`type:${String(inner)}`);
    else if (name === 'payload') found.push('payload', ...fields(inner));
    else found.push(name === 'data' ? name : `${name}:${typeof inner}`);
  }
  return found;
}

/** Whether `message` is the golden one, but for optional fields that it may lack. */
export function hasFormOf(message: unknown, goldenText: string): boolean {
  const whole = fields(JSON.parse(goldenText));
  let at = 0;
  for (const field of fields(message)) {
    const found = whole.indexOf(field, at);
    if (found < 0) return false;
    at = found + 1;
  }
  return true;
}
