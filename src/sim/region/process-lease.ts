/** The lease as one process of a Region knows it, where tables are eventually consistent. */

import { createLease, type Lease } from '#core/lease.ts';
import { REGIONS } from '../faults/fault-spec.ts';
import type { SimProcess } from '../kernel/sim-process.ts';
import type { System } from '../system.ts';

/** For the present life of `runner`. What it writes without the lease from now on is told as a violation. */
export function createProcessLease(
  { control, violate }: Pick<System, 'control' | 'violate'>,
  runner: SimProcess,
): Lease {
  const { clock, stopwatch, region } = runner;
  runner.needsLease((what, about) =>
    violate(8, `${about}: ${runner.name} began a ${what} without the lease`),
  );
  return createLease({
    ...{ store: control.leaseFor(runner), region, mayCreate: region === REGIONS[0] },
    ...{ clock, stopwatch },
  });
}
