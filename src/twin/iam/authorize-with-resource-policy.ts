/** Decides a request by the policy of a queue, a topic or a role's trust, with the caller's own. */

import type { PolicyDocument, PolicyStatement } from '#twin/region-model.ts';
import { type Authorization, type Candidate, decide } from './authorize.ts';
import { type AccessRequest, matchStatement } from './match-statement.ts';

/** Who asks. Roles are of the resource's own account: the twin has one. */
export type Caller =
  | {
      readonly kind: 'role';
      readonly roleArn: string;
      /** Identity policies of the role. */
      readonly policies: readonly PolicyDocument[];
    }
  /** An AWS service acting by itself: `sns.amazonaws.com` delivering to a queue. */
  | { readonly kind: 'service'; readonly service: string };

export interface ResourceAccessRequest extends AccessRequest {
  readonly caller: Caller;
  /** Null where the resource has none. */
  readonly resourcePolicy: PolicyDocument | null;
}

/**
 * Within one account, either policy may allow and either may deny: a Deny that applies wins, then
 * an Allow of either. A resource policy that names the account (or its `root`) leaves the choice to
 * the identity policies and allows nothing by itself; its Deny reaches every role of the account.
 *
 * Pure. Source: IAM User Guide, "Policy evaluation logic for a single account" and "AWS JSON policy
 * elements: Principal".
 */
export function authorizeWithResourcePolicy(request: ResourceAccessRequest): Authorization {
  const { caller, resourcePolicy } = request;
  const identity = caller.kind === 'role' ? caller.policies : [];
  const candidates: Candidate[] = identity.flatMap((policy) =>
    policy.Statement.map((statement) => ({
      statement,
      source: 'identity' as const,
      match: matchStatement(statement, policy.Version, request),
    })),
  );
  for (const statement of resourcePolicy?.Statement ?? []) {
    if (!principalApplies(statement, caller)) continue;
    const match = matchStatement(statement, resourcePolicy?.Version, request);
    candidates.push({ statement, source: 'resource', match });
  }
  return decide(candidates);
}

function principalApplies(statement: PolicyStatement, caller: Caller): boolean {
  const isDeny = statement.Effect === 'Deny';
  // NotPrincipal is not read; AWS advises against it. In a Deny it reaches everybody.
  if (statement.Principal === undefined) return isDeny;
  const reach = principalReach(statement.Principal, caller);
  return reach === 'caller' || (reach === 'account' && isDeny);
}

type Reach = 'caller' | 'account' | 'none';

function principalReach(principal: unknown, caller: Caller): Reach {
  if (principal === '*') return 'caller';
  if (typeof principal !== 'object' || principal === null) return 'none';
  const members = new Map(
    Object.entries(principal).map(([kind, value]) => [
      kind,
      Array.isArray(value) ? value : [value],
    ]),
  );
  const accounts = members.get('AWS') ?? [];
  if (accounts.includes('*')) return 'caller';
  if (caller.kind === 'service') {
    return (members.get('Service') ?? []).includes(caller.service) ? 'caller' : 'none';
  }
  if (accounts.includes(caller.roleArn)) return 'caller';
  const [, partition = '', , , accountId = ''] = caller.roleArn.split(':');
  const root = `arn:${partition}:iam::${accountId}:root`;
  return accounts.includes(accountId) || accounts.includes(root) ? 'account' : 'none';
}
