import type { CSSProperties } from 'react';

declare module 'react' {
  // Custom properties that chat.css reads.
  interface CSSProperties {
    '--name-light'?: string;
    '--name-dark'?: string;
    '--swatch'?: string;
  }
}

export type { CSSProperties };
