/** Episodes: what a Region goes through as one trouble, however many faults it is made of. */

import { type PlannedFault, REGIONS, type RegionName } from '../faults/fault-spec.ts';

export interface Episode {
  readonly region: RegionName;
  readonly fromMs: number;
  /** When the last of its faults ends; infinity: never. */
  readonly toMs: number;
  /** Whether it has a part that both Regions share: messages lost, a retry storm. */
  readonly isShared: boolean;
}

/**
 * The episodes of a plan. A fault of a Region is one that keeps it from serving, spoils how it
 * serves, or hides how it is; faults of one Region that overlap, or follow each other within
 * `gapMs`, are one episode. What hits both Regions alike counts for each of them. Pure. `safetyMs`:
 * when all is healed that is to be.
 */
export function faultEpisodes(
  faults: readonly PlannedFault[],
  { safetyMs, gapMs }: { readonly safetyMs: number; readonly gapMs: number },
): readonly Episode[] {
  const episodes: Episode[] = [];
  const byStart = faults.toSorted((one, two) => one.atMs - two.atMs);
  for (const region of REGIONS) {
    let last: Episode | null = null;
    for (const fault of byStart) {
      const spoiled = spoiledBy(fault);
      if (spoiled !== region && spoiled !== 'both') continue;
      const isShared = spoiled === 'both';
      const toMs =
        fault.forMs === null
          ? Number.POSITIVE_INFINITY
          : Math.min(fault.atMs + fault.forMs, Math.max(safetyMs, fault.atMs));
      const goesOn: boolean = last !== null && fault.atMs <= last.toMs + gapMs;
      const episode: Episode =
        last !== null && goesOn
          ? { ...last, toMs: Math.max(last.toMs, toMs), isShared: last.isShared || isShared }
          : { region, fromMs: fault.atMs, toMs, isShared };
      if (goesOn) episodes.pop();
      episodes.push(episode);
      last = episode;
    }
  }
  return episodes;
}

/** The Region that a fault keeps from serving well, or from knowing and showing how it is; null: none. Pure. */
export function spoiledBy(fault: PlannedFault): RegionName | 'both' | null {
  switch (fault.id) {
    case 'F1':
    case 'F2':
    case 'F3':
    case 'F4':
    case 'F8':
    case 'F12':
    case 'F13':
    case 'F15':
    case 'F22':
      return fault.region;
    case 'F9':
    case 'F10':
    case 'F11':
      // Nobody probes these two, and no caller waits for them.
      return fault.process === 'sweep' || fault.process === 'consume' ? null : fault.region;
    // Lost, late and contended writes make alarms ring, and probes miss.
    case 'F5':
    case 'F6':
    case 'F14':
    case 'F26':
      return 'both';
    // Queues, DNS and people: no reason for automation to move anything.
    case 'F7':
    case 'F16':
    case 'F17':
    case 'F18':
    case 'F19':
    case 'F20':
    case 'F21':
    case 'F23':
    case 'F24':
    case 'F25':
      return null;
  }
}
