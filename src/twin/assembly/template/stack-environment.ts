/** Where a stack is deployed: what the pseudo parameters of its template stand for. */

export interface StackEnvironment {
  readonly stackName: string;
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
  readonly partition: string;
  readonly urlSuffix: string;
}

/** Fills in partition and URL suffix. Source: AWS General Reference, "Amazon Resource Names". */
export function stackEnvironment(
  stackName: string,
  region: string,
  accountId: string,
): StackEnvironment {
  if (region.startsWith('cn-')) {
    return { stackName, region, accountId, partition: 'aws-cn', urlSuffix: 'amazonaws.com.cn' };
  }
  const partition = region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  return { stackName, region, accountId, partition, urlSuffix: 'amazonaws.com' };
}

/** `arn:<partition>:<service>:<region>:<account>:<resource>`, with this stack's Region. Pure. */
export function regionalArn(
  environment: StackEnvironment,
  service: string,
  resource: string,
): string {
  const { partition, region, accountId } = environment;
  return `arn:${partition}:${service}:${region}:${accountId}:${resource}`;
}
