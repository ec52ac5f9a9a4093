/** One fault in words. */

import type { FaultRequest } from '#twin/faults/fault.ts';

/**
 * `latency 400 ms on dynamodb PutItem`, `errors 25% on every service`, `kill`,
 * `crash after dynamodb PutItem, 2 to skip`, `partition: nothing gets out to us-east-2`. Pure.
 */
export function renderFault(fault: FaultRequest): string {
  const { kind, service, operation, latencyMs, rate, moment, skip = 0, peer } = fault;
  const where = [service ?? 'every service', operation].filter((part) => part !== undefined);
  switch (kind) {
    case 'kill':
    case 'freeze':
    case 'isolate':
      return kind;
    case 'partition':
      return fault.direction === 'out'
        ? `partition: nothing gets out${peer === undefined ? '' : ` to ${peer}`}`
        : `partition: nothing gets in${peer === undefined ? '' : ` from ${peer}`}`;
    case 'stale-dns':
      return 'stale DNS answers';
    case 'pause':
      return 'pause of replication';
    case 'lag':
      return `lag ${latencyMs} ms of replication`;
    case 'latency':
      return `latency ${latencyMs} ms on ${where.join(' ')}`;
    case 'errors':
    case 'throttle':
      return `${kind} ${Number(((rate ?? 0) * 100).toFixed(2))}% on ${where.join(' ')}`;
    case 'crash':
      return `crash ${moment} ${where.join(' ')}${skip === 0 ? '' : `, ${skip} to skip`}`;
  }
}
