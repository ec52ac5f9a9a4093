/** Parts of an ARN: `arn:<partition>:<service>:<region>:<account>:<resource>`. */

/** The Region, or an empty text where the ARN has none. Pure. */
export function regionOf(arn: string): string {
  return arn.split(':')[3] ?? '';
}

/** The Region of an SQS queue's ARN; null for everything else. Pure. */
export function queueRegionOf(arn: string): string | null {
  return /^arn:[a-z-]+:sqs:([a-z0-9-]+):\d{12}:[A-Za-z0-9_-]+(?:\.fifo)?$/.exec(arn)?.[1] ?? null;
}

/** The Region of a Lambda function's ARN, no version or alias; null for everything else. Pure. */
export function functionRegionOf(arn: string): string | null {
  return /^arn:[a-z-]+:lambda:([a-z0-9-]+):\d{12}:function:[\w-]+$/.exec(arn)?.[1] ?? null;
}
