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

/** A message with its values taken out: which fields, of which types, in which order. */
export function skeleton(value: unknown): string {
  if (Array.isArray(value)) return '[]';
  if (!isRecord(value)) return typeof value;
  const fields = Object.entries(value).map(([name, inner]) => {
    if (name === 'type') return `type:${String(inner)}`;
    return name === 'data' ? 'data' : `${name}:${skeleton(inner)}`;
  });
  return `{${fields.join(',')}}`;
}
