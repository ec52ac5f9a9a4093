/** Decides what roles may do, and remembers. */

import type { NeededPermission } from '#twin/endpoint/aws-service.ts';
import type { PolicyDocument, RoleModel } from '#twin/region-model.ts';
import type { Authorization } from './authorize.ts';
import { authorizeWithResourcePolicy } from './authorize-with-resource-policy.ts';
import { contextKeys } from './context-keys.ts';
import type { RequestContext } from './policy-variables.ts';

export interface Authorizer {
  /** Decides one permission. A role that is not known may do nothing. */
  permits(roleArn: string, needed: NeededPermission): Authorization;
}

export interface AuthorizerOptions {
  /** Policies of queues and topics by ARN. */
  readonly resourcePolicies?: ReadonlyMap<string, PolicyDocument>;
  /** For `aws:CurrentTime` and `aws:EpochTime`. @default Date.now */
  readonly nowEpochMs?: () => number;
  /** Decisions remembered for each role; the oldest goes first. @default 2,000 */
  readonly cacheEntriesMax?: number;
}

/**
 * Decisions are remembered by role, action, resource and those condition keys that the role's or the
 * resource's policies mention. The keys that a service does not supply are filled in here: see
 * `globalKey`.
 */
export function createAuthorizer(
  roles: readonly RoleModel[],
  options: AuthorizerOptions = {},
): Authorizer {
  const { resourcePolicies = new Map(), nowEpochMs = Date.now, cacheEntriesMax = 2_000 } = options;
  const resourceKeys = contextKeys([...resourcePolicies.values()]);
  const known = new Map(
    roles.map((role) => [
      role.arn,
      {
        role,
        keys: [...new Set([...contextKeys(role.policies), ...resourceKeys])],
        decisions: new Map<string, Authorization>(),
      },
    ]),
  );

  return {
    permits(roleArn, needed) {
      const entry = known.get(roleArn);
      if (entry === undefined) return UNKNOWN_ROLE;
      let cacheKey = `${needed.action} ${needed.resourceArn}`;
      const context: Record<string, string | readonly string[]> = {};
      for (const key of entry.keys) {
        const value = needed.context?.[key] ?? globalKey(key, roleArn, needed, nowEpochMs);
        if (value === undefined) continue;
        context[key] = value;
        cacheKey += ` ${key}=${JSON.stringify(value)}`;
      }
      const remembered = entry.decisions.get(cacheKey);
      if (remembered !== undefined) return remembered;
      const decided = authorizeWithResourcePolicy({
        caller: { kind: 'role', roleArn, policies: entry.role.policies },
        resourcePolicy: resourcePolicies.get(needed.resourceArn) ?? null,
        action: needed.action,
        resourceArn: needed.resourceArn,
        context,
      });
      if (entry.decisions.size >= cacheEntriesMax) {
        const oldest = entry.decisions.keys().next();
        if (oldest.done !== true) entry.decisions.delete(oldest.value);
      }
      entry.decisions.set(cacheKey, decided);
      return decided;
    },
  };
}

const UNKNOWN_ROLE: Authorization = {
  decision: 'implicit-deny',
  statement: null,
  source: null,
  unsupported: [],
};

/**
 * AWS's global condition keys, as far as the twin knows them; undefined for the others.
 *
 * `aws:SecureTransport` is true: the twin speaks plain HTTP on loopback and stands for endpoints
 * that are reached over TLS, so that a Deny of plain HTTP must not bite.
 */
function globalKey(
  key: string,
  roleArn: string,
  needed: NeededPermission,
  nowEpochMs: () => number,
): RequestContext[string] | undefined {
  switch (key) {
    case 'aws:securetransport':
      return 'true';
    case 'aws:principalarn':
      return roleArn;
    case 'aws:principalaccount':
      return roleArn.split(':')[4] ?? '';
    case 'aws:principaltype':
      return 'AssumedRole';
    case 'aws:principalisawsservice':
    case 'aws:viaawsservice':
      return 'false';
    case 'aws:requestedregion':
    case 'aws:resourceaccount':
      // Absent for resources without Region or account in their ARN.
      return needed.resourceArn.split(':')[key === 'aws:requestedregion' ? 3 : 4] || undefined;
    case 'aws:currenttime':
      return new Date(nowEpochMs()).toISOString();
    case 'aws:epochtime':
      return String(Math.floor(nowEpochMs() / 1_000));
    default:
      return undefined;
  }
}
