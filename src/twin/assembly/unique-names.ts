/** Refuses two resources that could not exist beside each other on AWS. */

import type { GlobalTableModel } from '#twin/region-model.ts';
import { AssemblyError } from './assembly-error.ts';
import { isRun, resourceType } from './resource-types.ts';
import type { Stack } from './stack.ts';

/**
 * Throws `AssemblyError` when two resources of a type have one name where it must be unique: in a
 * Region, or in the account for IAM. The second stack's deployment would fail.
 */
export function assertNamesUnique(stacks: readonly Stack[]): void {
  const owners = new Map<string, string>();
  for (const { environment, resources } of stacks) {
    for (const resource of resources) {
      const { type, logicalId } = resource;
      const scope = isRun(type) ? resourceType(type).uniqueIn : undefined;
      if (scope === undefined) continue;
      const { id } = resource;
      const key = `${scope === 'Region' ? environment.region : ''}/${type}/${id}`;
      const owner = `${environment.stackName}/${logicalId} in ${environment.region}`;
      const other = owners.get(key);
      if (other !== undefined) {
        throw new AssemblyError(
          `${type} ${id} exists twice: ${other} and ${owner}. ` +
            (scope === 'account'
              ? 'IAM names are global to the account: put the Region into the name, or give none.'
              : 'Rename one of them.'),
        );
      }
      owners.set(key, owner);
    }
  }
}

/** Throws when two tables of one name have a replica in the same Region. */
export function assertTablesApart(tables: readonly GlobalTableModel[]): void {
  const taken = new Set<string>();
  for (const { name, replicas } of tables) {
    for (const region of replicas) {
      const key = `${region}/${name}`;
      if (taken.has(key)) {
        throw new AssemblyError(
          `Table ${name} exists twice in ${region}. A replica belongs to its global table: in the ` +
            "other stacks, refer to it by name (Table.fromTableName) and don't create it.",
        );
      }
      taken.add(key);
    }
  }
}
