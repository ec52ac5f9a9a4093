/**
 * Names and ids of resources that a template leaves to AWS: deterministic, so that a restarted twin
 * finds its data again and two machines agree.
 */

import { createHash } from 'node:crypto';
import type { StackEnvironment } from './template/stack-environment.ts';

/** The shortest name limit among the types that the twin runs (Lambda, IAM roles: 64 characters). */
const NAME_LENGTH_MAX = 64;

/** `<Stack>-<LogicalId>-<8 characters>`, the way CloudFormation builds a name. Pure. */
export function generatedName(environment: StackEnvironment, logicalId: string): string {
  const stem = `${environment.stackName}-${logicalId}`.slice(0, NAME_LENGTH_MAX - 9);
  return `${stem}-${opaqueId(environment, logicalId, 8)}`;
}

/** An id such as API Gateway hands out: `length` characters (up to 24) of a-z and 0-9. Pure. */
export function opaqueId(environment: StackEnvironment, seed: string, length: number): string {
  const number = BigInt(`0x${digest(environment, seed)}`);
  return number.toString(36).padStart(length, '0').slice(-length);
}

/** An id in the form of a UUID. Pure. */
export function uuid(environment: StackEnvironment, seed: string): string {
  const hex = digest(environment, seed);
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function digest(environment: StackEnvironment, seed: string): string {
  const { accountId, region, stackName } = environment;
  return createHash('sha256').update([accountId, region, stackName, seed].join('/')).digest('hex');
}
