/** Evaluates the Condition element of a policy statement. */

import type { PolicyStatement } from '#twin/region-model.ts';
import { CONDITION_OPERATORS, type ConditionOperator } from './condition-operators.ts';
import type { RequestContext } from './policy-variables.ts';

export interface ConditionResult {
  /** Whether every operator that can be decided holds. */
  readonly holds: boolean;
  /** Operators that can't be decided, as the policy writes them. */
  readonly unsupported: readonly string[];
}

/**
 * Evaluates all operators of `condition` (ANDed; the values of one key are ORed). Pure.
 *
 * An absent key fails a comparison, satisfies a negated one and one with `IfExists`; `ForAllValues`
 * holds for it and `ForAnyValue` does not. (`ForAnyValue` with `IfExists` holds: inferred.) Several
 * values in the request need a set prefix; without one the operator counts as unsupported.
 * Source: IAM User Guide, "Condition operators" and "Set operators for multivalued context keys".
 */
export function evaluateCondition(
  condition: PolicyStatement['Condition'],
  context: RequestContext,
  version: string | undefined,
): ConditionResult {
  const unsupported: string[] = [];
  let holds = true;
  for (const [name, keys] of Object.entries(condition ?? {})) {
    const operator = parseOperator(name);
    if (operator === null) {
      unsupported.push(name);
      continue;
    }
    for (const [key, value] of Object.entries(keys)) {
      const policyValues = (Array.isArray(value) ? value : [value]).map(String);
      const requestValues = valuesOf(context, key);
      if (operator !== 'Null' && operator.quantifier === null && requestValues.length > 1) {
        unsupported.push(name);
        continue;
      }
      const keyHolds =
        operator === 'Null'
          ? policyValues.some(
              (text) => (text.toLowerCase() === 'true') === (requestValues.length === 0),
            )
          : compare(operator, policyValues, requestValues, { context, version });
      if (!keyHolds) holds = false;
    }
  }
  return { holds, unsupported };
}

/** Whether this evaluator knows an operator, prefix and suffix included. */
export function isSupportedOperator(name: string): boolean {
  return parseOperator(name) !== null;
}

interface Operator extends ConditionOperator {
  readonly quantifier: 'ForAllValues' | 'ForAnyValue' | null;
  readonly ifExists: boolean;
}

function parseOperator(name: string): Operator | 'Null' | null {
  if (name === 'Null') return name;
  const [, quantifier, base = '', suffix] =
    /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/.exec(name) ?? [];
  const operator = CONDITION_OPERATORS.get(base);
  if (operator === undefined) return null;
  return {
    ...operator,
    quantifier: quantifier === 'ForAllValues' || quantifier === 'ForAnyValue' ? quantifier : null,
    ifExists: suffix !== undefined,
  };
}

function compare(
  operator: Operator,
  policyValues: readonly string[],
  requestValues: readonly string[],
  scope: { readonly context: RequestContext; readonly version: string | undefined },
): boolean {
  const isCovered = (request: string) =>
    policyValues.some((text) => operator.covers({ text, ...scope }, request));
  if (requestValues.length === 0) {
    if (operator.ifExists || operator.quantifier === 'ForAllValues') return true;
    return operator.negated && operator.quantifier === null;
  }
  const satisfies = (request: string) => isCovered(request) !== operator.negated;
  switch (operator.quantifier) {
    case 'ForAllValues':
      return requestValues.every(satisfies);
    case 'ForAnyValue':
      return requestValues.some(satisfies);
    case null:
      return requestValues.some(isCovered) !== operator.negated;
  }
}

function valuesOf(context: RequestContext, key: string): readonly string[] {
  const name = key.toLowerCase();
  const value = Object.hasOwn(context, name) ? context[name] : undefined;
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
