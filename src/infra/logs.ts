/** Log groups with a retention of their own, so that none is created by a service and kept for ever. */

import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/**
 * Creates a log group. It stays behind when the stack is deleted, as evidence, except in throw-away
 * environments; one that was made by a creation that failed goes, so that the next try can make it.
 */
export function createLogGroup(
  scope: Construct,
  id: string,
  props: {
    readonly logGroupName: string;
    readonly retention: RetentionDays;
    readonly throwAway: boolean;
  },
): LogGroup {
  return new LogGroup(scope, id, {
    logGroupName: props.logGroupName,
    retention: props.retention,
    removalPolicy: props.throwAway
      ? RemovalPolicy.DESTROY
      : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
}
