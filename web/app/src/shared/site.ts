/** Where the pages and the API begin, for a page at `path`: `/` unless a proxy put a prefix before. */
export function siteRoot(path: string): string {
  return path.replace(/(?:chat\/[^/]*|monitor|plan)?$/, '');
}

/** As links and calls need it; room names may have any character that a URL gives a meaning. */
export interface Site {
  readonly home: string;
  readonly monitor: string;
  readonly plan: string;
  /** What stands before `/servers/provision` and the other calls; '' at the top of a host. */
  readonly api: string;
  readonly chat: (room: string) => string;
}

export function siteAt(path: string): Site {
  const root = siteRoot(path);
  return {
    home: root,
    monitor: `${root}monitor`,
    plan: `${root}plan`,
    api: root.slice(0, -1),
    chat: (room) => `${root}chat/${encodeURIComponent(room)}`,
  };
}
