/** What the assembly reader knows of a CloudFormation resource type that the twin runs. */

import type { StackEnvironment } from './template/stack-environment.ts';

/** A resource, as far as its name and attributes need it. */
export interface ResourceSubject {
  readonly logicalId: string;
  readonly type: string;
  readonly environment: StackEnvironment;
  /** Text of a property, evaluated; null when absent. Properties are read only as asked for. */
  text(property: string): string | null;
  /** Text of the property, or a deterministic name when the template leaves it to AWS. */
  nameFrom(property: string): string;
}

export interface ResourceType {
  /** What `Ref` gives: the physical id. */
  ref(subject: ResourceSubject): string;
  /** What `Fn::GetAtt` gives; undefined for an attribute that the type does not have. */
  attribute(subject: ResourceSubject, name: string): string | undefined;
  /** Properties that the twin acts on. */
  readonly read: readonly string[];
  /** Properties without effect on what a caller of the data plane sees. All others are named. */
  readonly inert: readonly string[];
  /** Where two resources of the type can't have one id; absent where ids can't meet. */
  readonly uniqueIn?: 'Region' | 'account';
}

export type ResourceTypes = Readonly<Record<string, ResourceType>>;

/** For types without attributes. */
export function noAttributes(): undefined {
  return undefined;
}
