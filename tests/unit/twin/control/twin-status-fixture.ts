/** A status as a running twin would give it, for the tests of what shows it. */

import { addressesOf, portsFrom } from '#twin/control/addresses.ts';
import type { RegionStatus, TwinStatus } from '#twin/control/twin-status.ts';

export function regionStatus(name: string, more: Partial<RegionStatus> = {}): RegionStatus {
  return {
    name,
    condition: 'up',
    pid: 4_242,
    health: {
      status: 'healthy',
      contraryChecks: 0,
      lastCheck: { passed: true, detail: 'HTTP 200', atEpochMs: 1_767_225_600_000 },
    },
    active: name === 'us-east-1',
    eventSources: [],
    schedules: [],
    alarms: [],
    faults: [],
    ...more,
  };
}

export function twinStatus(more: Partial<TwinStatus> = {}): TwinStatus {
  return {
    pid: 99,
    startedAt: '2026-01-01T00:00:00.000Z',
    suffix: 'dev',
    assembly: '/checkout/cdk.out',
    dataDirectory: null,
    profile: 'fast',
    addresses: addressesOf(portsFrom(8_080, ['us-east-1', 'us-east-2'])),
    regions: [regionStatus('us-east-1'), regionStatus('us-east-2')],
    witness: { name: 'us-west-2', condition: 'up', faults: [] },
    routing: { name: 'api.holdfast.test', stale: false, records: [], healthChecks: [] },
    tables: [
      {
        table: 'payments-dev',
        replica: 'us-east-1',
        pendingItems: 0,
        caughtUp: true,
        quorum: true,
        engine: 'ready',
      },
      {
        table: 'payments-dev',
        replica: 'us-east-2',
        pendingItems: 0,
        caughtUp: true,
        quorum: true,
        engine: 'ready',
      },
    ],
    notRun: [],
    counters: {},
    versions: { holdfast: '0.1.0', node: 'v24.0.0' },
    ...more,
  };
}
