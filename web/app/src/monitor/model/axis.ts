const steps = [1, 2, 5];

/** The smallest of 1, 2 and 5 times a power of ten that is at least `value`. */
export function niceCeiling(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [...steps, 10].find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
  return step * power;
}

/** What is above this much of an axis makes it grow. */
const headroom = 1.05;

/**
 * Where an axis ends that shows up to `highest`. It grows at once, and shrinks only when less than a
 * third of it is used: it does not go to and fro.
 */
export function axisMax(highest: number, smallest: number, last: number | undefined): number {
  const wanted = niceCeiling(Math.max(highest * headroom, smallest));
  return last === undefined || wanted > last || highest < last / 3 ? wanted : last;
}
