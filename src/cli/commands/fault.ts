/** `holdfast fault`: breaks something in one Region. */

import type {
  CrashMoment,
  FaultKind,
  FaultRequest,
  FaultService,
  PartitionDirection,
} from '#twin/faults/fault.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { renderFault } from '../render-fault.ts';
import type { Paint } from '../terminal.ts';
import type { TwinClient } from '../twin-client.ts';

/** Option values as the command line has them, checked one by one. */
export interface FaultArguments {
  readonly service?: FaultService;
  readonly operation?: string;
  readonly latencyMs?: number;
  readonly rate?: number;
  readonly moment?: CrashMoment;
  readonly skip?: number;
  readonly direction?: PartitionDirection;
  readonly peer?: string;
}

/** Returns what goes to stdout. */
export async function fault(
  client: TwinClient,
  request: FaultRequest,
  json: boolean,
  paint: Paint,
): Promise<string> {
  const active = await client.inject(request);
  if (json) return `${JSON.stringify(active, null, 2)}\n`;
  return (
    `${paint('bad', 'fault')} ${active.region}: ${renderFault(active)}\n` +
    `Heal it with: npx holdfast heal ${active.region}\n`
  );
}

/**
 * Puts the request together. `errors` and `throttle` hit every call unless a rate is given. Throws
 * `CliError` (usage) where an option is missing without which the kind means nothing; the twin refuses
 * what else does not fit, by rules that are its own. Pure.
 */
export function faultRequest(region: string, kind: FaultKind, given: FaultArguments): FaultRequest {
  const { service, operation, latencyMs, moment, skip, direction, peer } = given;
  if ((kind === 'latency' || kind === 'lag') && latencyMs === undefined) {
    const message = `${kind} needs --latency-ms, for example --latency-ms 400`;
    throw new CliError(EXIT.usage, message);
  }
  if (kind === 'crash' && [service, operation, moment].includes(undefined)) {
    const message =
      'crash needs the call at which it strikes, for example ' +
      '--service dynamodb --operation PutItem --moment after';
    throw new CliError(EXIT.usage, message);
  }
  if (kind === 'partition' && direction === undefined) {
    const message = 'partition needs the way that is lost, for example --direction out';
    throw new CliError(EXIT.usage, message);
  }
  const rate = given.rate ?? (kind === 'errors' || kind === 'throttle' ? 1 : undefined);
  return {
    region,
    kind,
    ...(service === undefined ? {} : { service }),
    ...(operation === undefined ? {} : { operation }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(rate === undefined ? {} : { rate }),
    ...(moment === undefined ? {} : { moment }),
    ...(skip === undefined ? {} : { skip }),
    ...(direction === undefined ? {} : { direction }),
    ...(peer === undefined ? {} : { peer }),
  };
}
