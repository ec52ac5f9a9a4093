/**
 * A fault as data: what a seed draws, what a script says, and what shrinking takes away. The same text means the
 * same in the twin, for the kinds that it has.
 */

export const REGIONS = ['us-east-1', 'us-east-2'] as const;
export type RegionName = (typeof REGIONS)[number];
export const WITNESS = 'us-west-2';

/** Everything a message can come from or go to. */
export type Place = 'client' | RegionName | typeof WITNESS | 'bank' | 'world';

/** The processes of a Region: each is one Lambda function's execution environment. */
export const PROCESS_KINDS = ['api', 'consume', 'sweep', 'orchestrate', 'health'] as const;
export type ProcessKind = (typeof PROCESS_KINDS)[number];

/** One fault. Probabilities are for each message or operation that it can meet. */
export type Fault =
  | { readonly id: 'F1'; readonly region: RegionName }
  | { readonly id: 'F2'; readonly region: RegionName; readonly direction: 'in' | 'out' }
  | { readonly id: 'F3'; readonly region: RegionName }
  | { readonly id: 'F4'; readonly region: RegionName }
  | { readonly id: 'F5'; readonly probability: number }
  | { readonly id: 'F6'; readonly probability: number; readonly extraMs: number }
  | { readonly id: 'F7'; readonly probability: number }
  | { readonly id: 'F8'; readonly region: RegionName; readonly factor: number }
  | {
      readonly id: 'F9';
      readonly region: RegionName;
      readonly process: ProcessKind;
      readonly probability: number;
    }
  | { readonly id: 'F10'; readonly region: RegionName; readonly process: ProcessKind }
  | { readonly id: 'F11'; readonly region: RegionName; readonly process: ProcessKind }
  | { readonly id: 'F12'; readonly region: RegionName; readonly extraMs: number }
  | { readonly id: 'F13'; readonly region: RegionName; readonly probability: number }
  | { readonly id: 'F14'; readonly probability: number }
  | { readonly id: 'F15'; readonly region: RegionName; readonly probability: number }
  | { readonly id: 'F16'; readonly probability: number }
  | { readonly id: 'F17'; readonly probability: number }
  | { readonly id: 'F18'; readonly region: RegionName; readonly count: number }
  | { readonly id: 'F19' }
  | { readonly id: 'F20' }
  | { readonly id: 'F21'; readonly region: RegionName; readonly probability: number }
  | { readonly id: 'F22'; readonly region: RegionName; readonly skewMs: number }
  | { readonly id: 'F23'; readonly to: readonly [RegionName, RegionName] }
  | { readonly id: 'F24'; readonly lateMs: number }
  | { readonly id: 'F25'; readonly pauseReplication: boolean }
  | { readonly id: 'F26'; readonly copies: number };

/** A fault with its time. */
export type PlannedFault = Fault & {
  /** When it begins, milliseconds after the world did. */
  readonly atMs: number;
  /** How long it lasts; null: it is never healed. */
  readonly forMs: number | null;
};
