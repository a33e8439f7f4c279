import type { ReactNode } from 'react';
import { site } from './here.ts';
import iconUrl from './icon.svg';
import { ThemeSwitch } from './theme_switch.tsx';

export type PageName = 'home' | 'chat' | 'monitor' | 'plan';

const links: readonly (readonly [PageName, string, string])[] = [
  ['home', site.home, 'Rooms'],
  ['monitor', site.monitor, 'Monitor'],
  ['plan', site.plan, 'Capacity'],
];

/** The same on every page; `children` stand between the name and the links. */
export function PageHeader({ current, children }: { current: PageName; children?: ReactNode }) {
  return (
    <header className="flex h-12 shrink-0 items-center gap-3 border-b border-edge bg-surface px-3 sm:px-4">
      <a href="#main" className="skip-link">
        Skip to the content
      </a>
      <a href={site.home} className="flex items-center gap-2 font-semibold">
        <img src={iconUrl} alt="" className="size-6" />
        <span className="max-sm:sr-only">Spillway</span>
      </a>
      <div className="flex min-w-0 flex-1 items-center gap-3">{children}</div>
      <nav aria-label="Pages" className="flex items-center gap-1 text-sm">
        {links.map(([name, href, label]) => (
          <a
            key={name}
            href={href}
            aria-current={name === current ? 'page' : undefined}
            className="rounded-md px-2 py-1 text-muted hover:text-ink aria-[current]:text-ink aria-[current]:underline aria-[current]:decoration-2 aria-[current]:underline-offset-4"
          >
            {label}
          </a>
        ))}
      </nav>
      <ThemeSwitch />
    </header>
  );
}
