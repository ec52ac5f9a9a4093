/** Condition operators that the policy evaluator does not know, so that they can be named at start. */

import type { PolicyDocument } from '#twin/region-model.ts';
import { isSupportedOperator } from './evaluate-condition.ts';

/** Operators as the policies write them, each once. Pure. */
export function unsupportedConditions(policies: readonly PolicyDocument[]): string[] {
  const operators = policies
    .flatMap((policy) => policy.Statement)
    .flatMap((statement) => Object.keys(statement.Condition ?? {}));
  return [...new Set(operators)].filter((operator) => !isSupportedOperator(operator));
}
