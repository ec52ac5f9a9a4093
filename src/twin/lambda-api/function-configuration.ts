/** A function as Lambda's API describes it. */

import type { FunctionModel } from '../region-model.ts';

/** The members that are known of a function here. Environment values are left out: they may be secret. */
export function functionConfiguration(fn: FunctionModel): object {
  return {
    FunctionName: fn.name,
    FunctionArn: fn.arn,
    Runtime: fn.runtime,
    Role: fn.roleArn,
    Handler: fn.handler,
    Timeout: fn.timeoutSeconds,
    MemorySize: fn.memoryMb,
    Version: '$LATEST',
    PackageType: 'Zip',
    State: 'Active',
    LastUpdateStatus: 'Successful',
  };
}
