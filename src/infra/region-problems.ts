/** Which Regions a global table can have. */

import { quoted } from './quoted.ts';

/**
 * Regions in which replicas and witness of an MRSC table may be; the sets do not mix.
 * Source: Amazon DynamoDB Developer Guide, "Multi-Region strong consistency".
 */
const MRSC_REGION_SETS = [
  ['us-east-1', 'us-east-2', 'us-west-2'],
  ['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1'],
  ['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
] as const;

/**
 * What is wrong with the Regions of a strongly consistent table: each problem with value and mend. They
 * hold for both modes, since the control table is strongly consistent in both.
 *
 * The CDK accepts any Regions, and a witness beside a replica; DynamoDB refuses both. Pure.
 */
export function regionProblems(
  primary: string,
  secondary: string,
  witness: string,
): readonly string[] {
  const problems: string[] = [];
  if (secondary === primary) problems.push(sameReplicas(secondary));
  if (witness === primary || witness === secondary) {
    problems.push(
      `witnessRegion ${quoted(witness)}: it is a replica's Region; the witness must be in a third one.`,
    );
  }
  const regions = [primary, secondary, witness];
  const inOneSet = MRSC_REGION_SETS.some((set) =>
    regions.every((region) => set.some((member) => member === region)),
  );
  if (!inOneSet) {
    const sets = MRSC_REGION_SETS.map((set) => set.join(', ')).join('; or ');
    problems.push(
      `primaryRegion ${quoted(primary)}, secondaryRegion ${quoted(secondary)}, witnessRegion ${quoted(witness)}: strong consistency, which the control table needs in both modes, takes three different Regions of one set: ${sets}. Choose those.`,
    );
  }
  return problems;
}

function sameReplicas(region: string): string {
  return `secondaryRegion ${quoted(region)}: it is the primary's too; a Region that fails would take both replicas along.`;
}
