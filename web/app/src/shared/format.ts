// Numbers as people read them, the same on every page.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** 12,345 */
export function count(value: number): string {
  return whole.format(value);
}

/** `1 viewer`, `12,345 viewers` */
export function counted(value: number, one: string, many: string): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
