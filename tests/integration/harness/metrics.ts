// A strict reader of Prometheus' text format 0.0.4.

const label = String.raw`[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*"`;
const sample = new RegExp(
  String.raw`^([a-zA-Z_:][\w:]*)(\{(?:${label}(?:,${label})*)?\})? (-?[\d.]+(?:e[+-]?\d+)?|NaN|[+-]Inf)$`,
);
const typeLine = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram|summary|untyped)$/;

/** Values by name with labels; throws on the first line that is not of the format. */
export function parseMetrics(text: string): Map<string, number> {
  if (!text.endsWith('\n')) throw new Error('the last line must end with a newline');
  const types = new Set<string>();
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# HELP ')) continue;
    const type = typeLine.exec(line)?.[1];
    if (type !== undefined) {
      if (types.has(type)) throw new Error(`a second TYPE of ${type}`);
      types.add(type);
      continue;
    }
    const [, name, labels, value] = sample.exec(line) ?? [];
    if (name === undefined) throw new Error(`not of the format: ${line}`);
    const family = name.replace(/_(bucket|sum|count|total)$/, '');
    if (!types.has(name) && !types.has(family)) throw new Error(`no TYPE before ${line}`);
    const key = name + (labels ?? '');
    if (values.has(key)) throw new Error(`a second sample of ${key}`);
    values.set(key, Number(value?.replace('Inf', 'Infinity')));
  }
  return values;
}
