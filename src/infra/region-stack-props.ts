/** What every stack of ours has in common. */

import type { StackProps } from 'aws-cdk-lib';
import type { Configuration } from './configuration.ts';

export interface RegionStackProps {
  readonly configuration: Configuration;
  readonly role: 'primary' | 'secondary';
  /** AWS account, 12 digits. Absent: whichever the credentials of the deployment belong to. */
  readonly account?: string;
}

/** Construct id, and name in `cdk list`, of the stack in a Region. The stack's own name has no Region. */
export function stackId(stackName: string, region: string): string {
  return `${stackName}-${region}`;
}

/** The Region of the stack's role. */
export function regionOf({ configuration, role }: RegionStackProps): string {
  return role === 'primary' ? configuration.primaryRegion : configuration.secondaryRegion;
}

/** The Region that is not the stack's own. */
export function otherRegionOf({ configuration, role }: RegionStackProps): string {
  return role === 'primary' ? configuration.secondaryRegion : configuration.primaryRegion;
}

/** `subject`: what the stack is, for its description. Its name is the same in both Regions. */
export function regionStackProps(
  props: RegionStackProps,
  stackName: string,
  subject: string,
): StackProps {
  const { configuration, role, account } = props;
  return {
    stackName,
    description: `Holdfast ${subject}, ${role} Region, environment ${configuration.environmentSuffix}`,
    env: { region: regionOf(props), ...(account === undefined ? {} : { account }) },
    terminationProtection: !configuration.throwAway,
    analyticsReporting: false,
  };
}
