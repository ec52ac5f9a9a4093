/** `holdfast lease show` and `take`. */

import { showLease } from '#ops/lease.ts';
import { takeLeaseByHand } from '#ops/take-lease-by-hand.ts';
import { EXIT } from '../exit-codes.ts';
import { type EnvironmentArguments, inEnvironment } from '../ops-environment.ts';
import type { ProgramContext } from '../program.ts';
import { createProgress } from '../progress.ts';
import type { Paint } from '../terminal.ts';

export interface TakeArguments extends EnvironmentArguments {
  readonly planned?: boolean;
}

type ShownLease = NonNullable<Awaited<ReturnType<typeof showLease>>>;
type Takeover = Awaited<ReturnType<typeof takeLeaseByHand>>;

export async function showTheLease(
  given: EnvironmentArguments,
  context: ProgramContext,
): Promise<void> {
  const lease = await inEnvironment(given, context, showLease);
  context.writeOut(
    given.json === true
      ? `${JSON.stringify({ lease }, null, 2)}\n`
      : `${lease === null ? 'No Region has had the lease yet.' : leaseText(lease, context.paint)}\n`,
  );
}

/** Ends with 3 when the lease was not taken. */
export async function takeTheLease(
  region: string,
  given: TakeArguments,
  context: ProgramContext,
): Promise<void> {
  const progress = createProgress(context.writeError);
  const request = { region, planned: given.planned === true };
  const takeover = await inEnvironment(given, context, (environment) =>
    takeLeaseByHand(
      request,
      environment,
      (secondsLeft) =>
        progress(`waiting ${secondsLeft} s until a silent holder believes in it no more`),
      (holder) =>
        context.writeError(
          `${holder} was told to stop: nobody takes payments until this is done. Cut off, run it again.\n`,
        ),
    ),
  );
  context.writeOut(
    given.json === true
      ? `${JSON.stringify(takeover, null, 2)}\n`
      : `${takeoverText(takeover, context.paint)}\n`,
  );
  const isHeld = takeover.kind === 'taken' || takeover.kind === 'held-already';
  context.setExitCode(isHeld ? EXIT.done : EXIT.refused);
}

function leaseText({ holder, epoch, renewals, handingTo }: ShownLease, paint: Paint): string {
  const handing = handingTo === null ? '' : `, ${paint('warn', `handing it to ${handingTo}`)}`;
  return `${paint('strong', holder)} holds the lease, epoch ${epoch}, ${renewals} renewals${handing}`;
}

function takeoverText(takeover: Takeover, paint: Paint): string {
  switch (takeover.kind) {
    case 'taken':
      return `${paint('good', 'taken')}: ${leaseText(takeover.lease, paint)}`;
    case 'held-already':
      return `held already: ${leaseText(takeover.lease, paint)}`;
    case 'alive':
      return (
        `${paint('bad', 'not taken')}: ${takeover.lease.holder} renews it, so it lives; ` +
        'take it all the same with --planned'
      );
    case 'superseded':
    case 'raced':
      return `${paint('bad', 'not taken')}: it changed meanwhile; see: holdfast lease show`;
  }
}
