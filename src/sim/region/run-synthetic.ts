/**
 * The orchestrator's way into its Region's processor, past the API: src/handlers/synthetic-event.ts
 * at work.
 */

import { AppError } from '#core/app-error.ts';
import type { Deadline, PaymentPorts } from '#core/ports.ts';
import { processPayment } from '#core/process-payment.ts';
import type { VerifyPorts } from '#core/routing/verify-follow-up.ts';
import { syntheticPayment } from '#core/synthetic-payment.ts';
import { BUDGET_MS } from '#core/time-budgets.ts';
import type { RegionName } from '../faults/fault-spec.ts';
import type { SimProcess } from '../kernel/sim-process.ts';
import type { System } from '../system.ts';

export type SyntheticAnswer = Awaited<ReturnType<VerifyPorts['ask']>>;

/** What starting the function takes. */
const COMPUTE_MS = 3;
/** How soon an invocation fails that finds no process. */
const FAILS_AFTER_MS = 20;

/**
 * Has the Region's processor make the payment of the epoch, or find it made. `done` is called once
 * at most, with null where the processor is down or dies of it; with nothing where a message is
 * lost.
 */
export function runSynthetic(
  system: System,
  region: RegionName,
  epoch: number,
  done: (answer: SyntheticAnswer | null) => void,
): void {
  const { world, network, conditions } = system;
  const runtime = system.regions[region];
  const { api } = runtime.processes;
  if (!api.isUp) {
    api.missed('route');
    world.after(FAILS_AFTER_MS, () => done(null));
    return;
  }
  const thereMs = network.transit(region, region, 'route', null);
  if (thereMs < 0) return;
  let isOver = false;
  const end = (answer: SyntheticAnswer | null): void => {
    if (isOver) return;
    isOver = true;
    forget();
    const backMs = network.transit(region, region, 'route', null);
    if (backMs >= 0) world.after(backMs, () => done(answer));
  };
  const forget = api.onDeath(() => {
    api.missed('route');
    end(null);
  });
  const { life } = api;
  const computeMs = COMPUTE_MS * conditions.regions[region].greyFactor;
  const pay = (): void =>
    api.invoke(
      () => payOnce(api, epoch, runtime.portsOf('api')),
      end,
      (error) => world.fail(error),
    );
  world.after(thereMs + computeMs, () => api.deliver(life, pay, 'route'));
}

async function payOnce(
  { region, clock }: SimProcess,
  epoch: number,
  ports: PaymentPorts,
): Promise<SyntheticAnswer> {
  const deadline: Deadline = { atEpochMs: clock.nowEpochMs() + BUDGET_MS.process };
  try {
    const attempt = { region, deadline, finishMs: BUDGET_MS.finish };
    const outcome = await processPayment(syntheticPayment(epoch, region), attempt, ports);
    const isProcessed = outcome.kind === 'processed';
    return { processed: isProcessed, reason: isProcessed ? null : outcome.kind };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { processed: false, reason: `${error.code}: ${error.message}` };
  }
}
