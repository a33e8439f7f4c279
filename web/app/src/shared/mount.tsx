import './theme.css';
import { StrictMode, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { showTheme, storedTheme } from './theme.ts';

/** What each page's main.tsx ends with. */
export function mount(page: ReactNode): void {
  showTheme(storedTheme());
  const place = document.querySelector('#page');
  if (place === null) throw new Error('the page has no element #page');
  createRoot(place).render(<StrictMode>{page}</StrictMode>);
}
