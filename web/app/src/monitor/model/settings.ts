import * as wire from './wire.ts';

/** What the balancer decides by: its flags. */
export interface Settings {
  readonly serversMin: number;
  readonly serversMax: number;
  readonly spawnWrites: number;
  readonly spawnBusy: number;
  readonly roomBelow: number;
  readonly spawnAbove: number;
  readonly redistributeAbove: number;
  readonly redistributeLagMs: number;
}

export function parseSettings(value: unknown): Settings {
  const all = wire.fields(value, 'settings');
  const number = (name: keyof Settings): number => wire.number(all[name], `settings.${name}`);
  return {
    serversMin: number('serversMin'),
    serversMax: number('serversMax'),
    spawnWrites: number('spawnWrites'),
    spawnBusy: number('spawnBusy'),
    roomBelow: number('roomBelow'),
    spawnAbove: number('spawnAbove'),
    redistributeAbove: number('redistributeAbove'),
    redistributeLagMs: number('redistributeLagMs'),
  };
}
