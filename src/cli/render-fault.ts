/** One fault in words. */

import type { FaultRequest } from '#twin/faults/fault.ts';

/** `latency 400 ms on dynamodb PutItem`, `errors 25% on every service`, `kill`. Pure. */
export function renderFault(fault: FaultRequest): string {
  const { kind, service, operation, latencyMs, rate } = fault;
  if (kind === 'kill' || kind === 'freeze' || kind === 'isolate') return kind;
  const amount = latencyMs === undefined ? '' : ` ${latencyMs} ms`;
  const share = rate === undefined ? '' : ` ${Number((rate * 100).toFixed(2))}%`;
  const where = [service ?? 'every service', operation].filter((part) => part !== undefined);
  return `${kind}${amount}${share} on ${where.join(' ')}`;
}
