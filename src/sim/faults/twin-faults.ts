/** What the twin has for a fault of the simulator: the requests that put the same trouble in force there. */

import { type Fault, WITNESS } from './fault-spec.ts';

/** As the twin's fault API takes it. Source: src/twin/faults/fault.ts, `FaultRequest`. */
export interface TwinFault {
  readonly region: string;
  readonly kind: 'isolate' | 'partition' | 'latency' | 'throttle' | 'stale-dns';
  readonly service?: 'dynamodb' | 'sqs' | 'sns';
  readonly operation?: 'PutItem' | 'UpdateItem';
  readonly latencyMs?: number;
  readonly rate?: number;
  readonly direction?: 'in' | 'out';
  readonly peer?: string;
}

/** What a commit usually takes: what a grey Region multiplies. Milliseconds. */
const COMMIT_MS = 17;

/**
 * The twin's faults for one of ours, to be injected together; null: the twin has no such fault. Pure.
 *
 * What it has not: trouble between clients and a Region (F4), lost, late and repeated messages (F5 to F7), single
 * processes (F9 to F11: there a Region is one process, and dies or freezes as a whole), answers lost after their
 * effect, with the process alive (F13), conflicts at will (F14), a hostile queue (F16 to F18), a control plane (F20),
 * checks that lie (F21), clocks (F22), and people (F23 to F26).
 */
export function twinFaultsOf(fault: Fault): readonly TwinFault[] | null {
  switch (fault.id) {
    case 'F1':
      return [{ region: fault.region, kind: 'isolate' }];
    case 'F2':
      return [{ region: fault.region, kind: 'partition', direction: fault.direction }];
    case 'F3':
      return (['in', 'out'] as const).map((direction) => ({
        ...{ region: fault.region, kind: 'partition', direction, peer: WITNESS },
      }));
    case 'F8': {
      // Writes alone: the health check reads, and a grey Region's stays green.
      const latencyMs = COMMIT_MS * fault.factor;
      return (['PutItem', 'UpdateItem'] as const).map((operation) => ({
        ...{ region: fault.region, kind: 'latency', service: 'dynamodb', operation, latencyMs },
      }));
    }
    case 'F12': {
      const { region, extraMs: latencyMs } = fault;
      return [{ region, kind: 'latency', service: 'dynamodb', latencyMs }];
    }
    case 'F15':
      return (['dynamodb', 'sqs', 'sns'] as const).map((service) => ({
        ...{ region: fault.region, kind: 'throttle', service, rate: fault.probability },
      }));
    case 'F19':
      // Resolvers are nobody's; the twin files the fault under a Region.
      return [{ region: 'us-east-1', kind: 'stale-dns' }];
    default:
      return null;
  }
}
