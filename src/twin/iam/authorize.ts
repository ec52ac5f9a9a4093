/** Decides a request by identity policies. */

import type { PolicyDocument, PolicyStatement } from '#twin/region-model.ts';
import { type AccessRequest, matchStatement } from './match-statement.ts';

export type Decision = 'allowed' | 'implicit-deny' | 'explicit-deny';

export interface Authorization {
  readonly decision: Decision;
  /** The statement that decided; null for an implicit deny. */
  readonly statement: PolicyStatement | null;
  /** Kind of policy that decided; null for an implicit deny. */
  readonly source: 'identity' | 'resource' | null;
  /** Condition operators met on the way that the evaluator can't decide, each once. */
  readonly unsupported: readonly string[];
}

/**
 * Evaluates identity policies: a Deny that applies wins, then an Allow that applies; else nothing
 * allows it. Permissions boundaries, session and organization policies are no part of this.
 *
 * `context`: condition keys by lower-case name. Pure; never throws on a policy that
 * `policyDocument` accepted. Source: IAM User Guide, "Policy evaluation logic".
 */
export function authorize(
  request: AccessRequest & { readonly policies: readonly PolicyDocument[] },
): Authorization {
  const statements = request.policies.flatMap((policy) =>
    policy.Statement.map((statement) => ({ statement, version: policy.Version })),
  );
  return decide(
    statements.map(({ statement, version }) => ({
      statement,
      source: 'identity' as const,
      match: matchStatement(statement, version, request),
    })),
  );
}

export interface Candidate {
  readonly statement: PolicyStatement;
  readonly source: 'identity' | 'resource';
  readonly match: ReturnType<typeof matchStatement>;
}

/** The decision of statements that were matched already. Pure. */
export function decide(candidates: readonly Candidate[]): Authorization {
  const unsupported = [...new Set(candidates.flatMap(({ match }) => match.unsupported))];
  const applying = candidates.filter(({ match }) => match.applies);
  const deny = applying.find(({ statement }) => statement.Effect === 'Deny');
  if (deny !== undefined) return { decision: 'explicit-deny', ...deciding(deny), unsupported };
  const [allow] = applying;
  if (allow !== undefined) return { decision: 'allowed', ...deciding(allow), unsupported };
  return { decision: 'implicit-deny', statement: null, source: null, unsupported };
}

function deciding({ statement, source }: Candidate) {
  return { statement, source };
}
