import type { FleetView, ServerView } from './view.ts';

/** The first thing that is read: how it stands, and whether somebody has to do something. */
export interface Headline {
  readonly mood: 'good' | 'warn' | 'bad';
  readonly word: string;
  readonly sentence: string;
}

const names = (servers: readonly ServerView[]): string => {
  const shown = servers.slice(0, 3).map(({ name }) => name);
  const more = servers.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
};

const is = (servers: readonly ServerView[], what: string): string =>
  `${names(servers)} ${servers.length === 1 ? 'is' : 'are'} ${what}`;

function withRoom({ servers, settings }: FleetView): number {
  return servers.filter(
    ({ status, load }) => status === 'up' && (load.now ?? 0) < settings.roomBelow,
  ).length;
}

function roomText(view: FleetView): string {
  const room = withRoom(view);
  if (room > 0) return `${room} ${room === 1 ? 'server has' : 'servers have'} room`;
  const { settings, totals } = view;
  const more = settings.serversMax - totals.serversUp - totals.serversDraining;
  return more > 0
    ? `no server has room; at most ${more} more may be started`
    : `no server has room, and --servers-max ${settings.serversMax} are there`;
}

export function headline(view: FleetView): Headline {
  const { servers, totals, settings } = view;
  const having = (concern: string): readonly ServerView[] =>
    servers.filter((server) => server.concern === concern);
  if (totals.serversUp === 0) {
    return { mood: 'bad', word: 'Down', sentence: 'no chat server is up: new viewers get none' };
  }
  const overloaded = having('overloaded');
  if (overloaded.length > 0) {
    const sentence = `${is(overloaded, 'overloaded')}; ${roomText(view)}`;
    return { mood: 'bad', word: 'Overloaded', sentence };
  }
  const lagging = having('lagging');
  if (lagging.length > 0) {
    return {
      mood: 'bad',
      word: 'Lagging',
      sentence: `${is(lagging, 'lagging')}; ${roomText(view)}`,
    };
  }
  const full = having('full');
  if (full.length > 0) {
    return { mood: 'warn', word: 'Full', sentence: `${is(full, 'full')}; ${roomText(view)}` };
  }
  if (totals.serversUp < settings.serversMin) {
    const sentence = `${totals.serversUp} of --servers-min ${settings.serversMin} servers are up`;
    return { mood: 'warn', word: 'Short', sentence };
  }
  const draining = having('draining');
  if (draining.length > 0) {
    return { mood: 'warn', word: 'Draining', sentence: is(draining, 'draining') };
  }
  const fullest = Math.max(...servers.map(({ load }) => load.now ?? 0));
  const up = totals.serversUp === 1 ? '1 server is up' : `${totals.serversUp} servers are up`;
  return {
    mood: 'good',
    word: 'Well',
    sentence: `${up}; the highest load is ${fullest.toFixed(2)}`,
  };
}
