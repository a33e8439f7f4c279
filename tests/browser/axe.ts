// axe, which knows WCAG's rules.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** Serious and critical ones, with where they are. */
export async function findings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe); // not as a script of the page, which its policy forbids
  const found = await page.evaluate<readonly Finding[]>('axe.run().then((r) => r.violations)');
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`);
}
