/** The catalogue of planted bugs: what a tired engineer might do to the protocol. */

import type { PlantedBug } from './planted-bug.ts';
import { ACCEPTANCE_BUGS } from './planted-bugs/acceptance.ts';
import { CHARGE_BUGS } from './planted-bugs/charge.ts';
import { CLIENT_BUGS } from './planted-bugs/client.ts';
import { LEASE_BUGS } from './planted-bugs/lease.ts';
import { NOTIFICATION_BUGS } from './planted-bugs/notification.ts';
import { RECONCILE_BUGS } from './planted-bugs/reconcile.ts';
import { REFUND_BUGS } from './planted-bugs/refund.ts';
import { ROUTING_BUGS } from './planted-bugs/routing.ts';
import { SWEEP_BUGS } from './planted-bugs/sweep.ts';
import { TRAFFIC_BUGS } from './planted-bugs/traffic.ts';

export const PLANTED_BUGS: readonly PlantedBug[] = [
  ...ACCEPTANCE_BUGS,
  ...CHARGE_BUGS,
  ...NOTIFICATION_BUGS,
  ...REFUND_BUGS,
  ...SWEEP_BUGS,
  ...LEASE_BUGS,
  ...RECONCILE_BUGS,
  ...ROUTING_BUGS,
  ...TRAFFIC_BUGS,
  ...CLIENT_BUGS,
];
