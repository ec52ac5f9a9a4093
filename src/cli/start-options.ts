/** What `holdfast start` is asked for, every default filled in. */

import type { RoutingProfileName } from '#twin/routing/routing-profile.ts';

export interface StartOptions {
  readonly basePort: number;
  /** Absolute path, or null to keep nothing. */
  readonly dataDirectory: string | null;
  /** Absolute path of a cloud assembly to boot, or null to synthesize one. */
  readonly assemblyDirectory: string | null;
  /** Of the assembly that is synthesized. */
  readonly suffix: string;
  readonly profile: RoutingProfileName;
  /** `open`: the API takes unsigned requests. */
  readonly access: Access;
  /** `eventual`: the payments table replicates in its own time, and writes need the lease. */
  readonly consistency: Consistency;
  /** Base URL of the payment gateway, or null for the one that only records. */
  readonly gatewayUrl: string | null;
  /** One JSON line on stdout instead of text for a person. */
  readonly json: boolean;
  /** Absolute path of the folder that the command was given in. */
  readonly directory: string;
}

export const ACCESS_MODES = ['open', 'iam'] as const;
export type Access = (typeof ACCESS_MODES)[number];

export const CONSISTENCY_MODES = ['strong', 'eventual'] as const;
export type Consistency = (typeof CONSISTENCY_MODES)[number];
