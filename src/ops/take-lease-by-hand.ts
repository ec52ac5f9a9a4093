/** `lease take`: gives the lease to a Region by hand, unless the automation would take it back. */

import type { Takeover } from '#core/lease.ts';
import type { RoutingState } from '#core/routing/routing-log.ts';
import type { Environment } from './connect.ts';
import { requireLease, type TakeRequest, takeLease } from './lease.ts';
import { OpsError } from './ops-error.ts';
import { consistencyOf } from './payments-consistency.ts';
import { connectRouting } from './routing/connect-routing.ts';
import { readPresentRouting } from './routing/present-routing.ts';

/**
 * As `takeLease`, on the routing log's state. Throws `OpsError`; `refused` in auto mode for a Region that
 * traffic does not go to: the other one's orchestrator would have the lease again within seconds.
 */
export async function takeLeaseByHand(
  request: Pick<TakeRequest, 'region' | 'planned'>,
  environment: Environment,
  onWait: (secondsLeft: number) => void,
  onStopped: (holder: string) => void = () => undefined,
): Promise<Takeover> {
  const { region } = request;
  requireLease(await consistencyOf(environment));
  const isKnown = environment.regions.some((one) => one.region === region);
  if (!isKnown) return takeLease(request, environment, onWait, onStopped);
  const world = connectRouting(environment, (one) => one.region === region);
  const { state } = await readPresentRouting(world);
  const counted = { ...request, ...epochByHand(region, state) };
  return takeLease(counted, environment, onWait, onStopped);
}

/**
 * Where traffic goes, the lease follows by itself. Elsewhere it must count for more than every entry that is
 * there, and for less than the next one: the orchestrator leaves it alone until somebody moves traffic.
 */
function epochByHand(
  region: string,
  { mode, active, epoch }: RoutingState,
): Pick<TakeRequest, 'routingEpoch'> {
  if (active.includes(region)) return {};
  if (mode === 'manual') return { routingEpoch: epoch + 1 };
  throw new OpsError(
    'refused',
    `traffic goes to ${active.join(' and ')}, whose orchestrator would take the lease back; move both with ` +
      `"holdfast failover --to ${region}", or stop the automation first with "holdfast mode manual"`,
  );
}
