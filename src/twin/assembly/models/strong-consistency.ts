/**
 * What DynamoDB refuses of a table with multi-Region strong consistency (MRSC).
 *
 * Source: DynamoDB Developer Guide, "How DynamoDB global tables work" (multi-Region strong
 * consistency). CDK and CloudFormation's own schema let these through; the deployment fails.
 */

import { AssemblyError } from '../assembly-error.ts';

/** Sets of Regions that MRSC allows. The Regions of a table come from one set. */
export const STRONG_REGION_SETS: readonly (readonly string[])[] = [
  ['us-east-1', 'us-east-2', 'us-west-2'],
  ['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1'],
  ['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
];

export interface StrongTable {
  readonly replicas: readonly string[];
  readonly witnesses: readonly string[];
  readonly hasTimeToLive: boolean;
  readonly hasLocalIndexes: boolean;
}

/** Throws `AssemblyError`, with the mend, for a table that AWS would not create. */
export function assertStrongConsistencyAllowed(where: string, table: StrongTable): void {
  const { replicas, witnesses } = table;
  const [witness] = witnesses;
  if (witness !== undefined && replicas.includes(witness)) {
    throw new AssemblyError(
      `${where}: the witness is in ${witness}, which has a replica. Put it in a third Region.`,
    );
  }
  const nodes = [...replicas, ...witnesses];
  if (witnesses.length > 1 || nodes.length !== 3) {
    throw new AssemblyError(
      `${where}: strong consistency takes three replicas, or two replicas and one witness, not ` +
        `${replicas.length} and ${witnesses.length}.`,
    );
  }
  if (!STRONG_REGION_SETS.some((set) => nodes.every((node) => set.includes(node)))) {
    const sets = STRONG_REGION_SETS.map((set) => set.join(', ')).join('; ');
    throw new AssemblyError(
      `${where}: strong consistency is not offered over ${nodes.join(', ')}. Take all three from ` +
        `one of these sets: ${sets}.`,
    );
  }
  if (table.hasTimeToLive) {
    throw new AssemblyError(
      `${where}: strong consistency has no time to live. Take TimeToLiveSpecification out.`,
    );
  }
  if (table.hasLocalIndexes) {
    throw new AssemblyError(
      `${where}: strong consistency has no local secondary indexes. Use a global one.`,
    );
  }
}
