/** Whether a policy statement applies to a request, its principal aside. */

import type { PolicyStatement } from '#twin/region-model.ts';
import { evaluateCondition } from './evaluate-condition.ts';
import { matchesResource, matchesText, wildcards } from './pattern.ts';
import { expandVariables, type RequestContext } from './policy-variables.ts';

export interface AccessRequest {
  /** `dynamodb:PutItem`, in any case. */
  readonly action: string;
  readonly resourceArn: string;
  readonly context: RequestContext;
}

export interface StatementMatch {
  readonly applies: boolean;
  /** Condition operators that the evaluator doesn't know or can't decide. */
  readonly unsupported: readonly string[];
}

/**
 * Matches action, resource and condition. Pure.
 *
 * Where the evaluator can't tell, it errs towards refusing: a condition operator that it can't decide
 * and a missing Resource element never match in an Allow statement and always match in a Deny.
 */
export function matchStatement(
  statement: PolicyStatement,
  version: string | undefined,
  request: AccessRequest,
): StatementMatch {
  if (!actionApplies(statement, request.action) || !resourceApplies(statement, version, request)) {
    return NO_MATCH;
  }
  const { holds, unsupported } = evaluateCondition(statement.Condition, request.context, version);
  const canTell = unsupported.length === 0;
  return { applies: holds && (canTell || statement.Effect === 'Deny'), unsupported };
}

const NO_MATCH: StatementMatch = { applies: false, unsupported: [] };

function actionApplies(statement: PolicyStatement, action: string): boolean {
  const lowerCase = action.toLowerCase();
  const covers = (pattern: string) => matchesText(wildcards(pattern.toLowerCase()), lowerCase);
  if (statement.Action !== undefined) return listOf(statement.Action).some(covers);
  return statement.NotAction !== undefined && !listOf(statement.NotAction).some(covers);
}

function resourceApplies(
  statement: PolicyStatement,
  version: string | undefined,
  { resourceArn, context }: AccessRequest,
): boolean {
  const covers = (text: string): boolean | 'unknown' => {
    if (text === '*') return true;
    const pattern = expandVariables(text, context, { version, asPattern: true });
    return pattern === null ? 'unknown' : matchesResource(pattern, resourceArn);
  };
  if (statement.Resource !== undefined) {
    return listOf(statement.Resource).some((text) => covers(text) === true);
  }
  if (statement.NotResource !== undefined) {
    // A variable without a value makes no statement wider than its author meant it.
    return listOf(statement.NotResource).every((text) => covers(text) === false);
  }
  return statement.Effect === 'Deny';
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}
