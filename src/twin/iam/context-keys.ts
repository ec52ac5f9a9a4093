/** The condition keys on which a set of policies depends. */

import type { PolicyDocument } from '#twin/region-model.ts';
import { variableKeys } from './policy-variables.ts';

/** Lower-case names, from Condition elements and from policy variables, sorted, each once. Pure. */
export function contextKeys(policies: readonly PolicyDocument[]): string[] {
  const keys = new Set<string>();
  for (const statement of policies.flatMap((policy) => policy.Statement)) {
    const texts = [statement.Resource ?? [], statement.NotResource ?? []].flat();
    for (const values of Object.values(statement.Condition ?? {})) {
      for (const [key, value] of Object.entries(values)) {
        keys.add(key.toLowerCase());
        texts.push(...[value].flat().map(String));
      }
    }
    for (const text of texts) {
      for (const key of variableKeys(text)) keys.add(key);
    }
  }
  return [...keys].toSorted();
}
