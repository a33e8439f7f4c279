import { siteAt } from './site.ts';

/** As of the page that this runs in. */
export const site = siteAt(globalThis.location.pathname);
