/** What the endpoint asks of IAM, and what it remembers of a call that IAM turned away. */

import type { Authorization } from '../iam/authorize.ts';
import type { NeededPermission, Principal } from './aws-service.ts';

/** A decision, and for an explicit denial the kind of policy that it stands in. */
export type PermissionDecision = Pick<Authorization, 'decision' | 'source'>;
export type AuthorizationDecision = PermissionDecision['decision'];

/**
 * Evaluates the template's policies. It is asked for each permission of each call of a function,
 * so it must remember its decisions: only it knows which conditions look at which context.
 */
export interface Authorizer {
  permits(roleArn: string, needed: NeededPermission): PermissionDecision;
}

export type RolePrincipal = Extract<Principal, { kind: 'role' }>;

/** A call that was turned away because its role does not allow it. */
export interface Refusal {
  readonly atEpochMs: number;
  readonly region: string;
  readonly roleArn: string;
  readonly sessionArn: string;
  readonly action: string;
  readonly resourceArn: string;
  readonly decision: Exclude<AuthorizationDecision, 'allowed'>;
}
