/** Temporary credentials for every function: the endpoint knows a role by its access key. */

import { randomBytes } from 'node:crypto';
import type { RolePrincipal } from '../endpoint/authorizer.ts';
import type { FunctionCredentials } from '../region/protocol.ts';
import type { RegionModel } from '../region-model.ts';

export interface IssuedCredentials {
  /** By access key id: who a request comes from. */
  readonly principals: ReadonlyMap<string, RolePrincipal>;
  /** By Region, then by function name: what the function's environment holds. */
  readonly byRegion: ReadonlyMap<string, Readonly<Record<string, FunctionCredentials>>>;
}

/** Issues credentials, new ones at each start, as an execution environment on AWS gets them. */
export function issueCredentials(regions: readonly RegionModel[]): IssuedCredentials {
  const principals = new Map<string, RolePrincipal>();
  const byRegion = new Map<string, Record<string, FunctionCredentials>>();
  for (const { region, functions } of regions) {
    const own: Record<string, FunctionCredentials> = {};
    for (const { name, roleArn } of functions) {
      // AWS's temporary keys begin with ASIA; the rest is upper case and digits.
      const accessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
      own[name] = {
        accessKeyId,
        secretAccessKey: randomBytes(30).toString('base64url'),
        sessionToken: randomBytes(48).toString('base64url'),
      };
      const sessionArn = assumedRoleArn(roleArn, name);
      principals.set(accessKeyId, { kind: 'role', roleArn, sessionArn, region });
    }
    byRegion.set(region, own);
  }
  return { principals, byRegion };
}

/** The role of a function, as its own calls carry it. Throws for a function that was issued none. */
export function principalOf(
  { principals, byRegion }: IssuedCredentials,
  region: string,
  functionName: string,
): RolePrincipal {
  const accessKeyId = byRegion.get(region)?.[functionName]?.accessKeyId ?? '';
  const principal = principals.get(accessKeyId);
  if (principal === undefined) throw new Error(`${functionName} in ${region} has no credentials.`);
  return principal;
}

/** `arn:aws:iam::<account>:role/<path/name>` → `arn:aws:sts::<account>:assumed-role/<name>/<session>`. */
function assumedRoleArn(roleArn: string, session: string): string {
  const [, partition = 'aws', , , account = ''] = roleArn.split(':');
  const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  return `arn:${partition}:sts::${account}:assumed-role/${roleName}/${session}`;
}
