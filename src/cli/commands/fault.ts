/** `holdfast fault`: breaks something in one Region. */

import type { FaultKind, FaultRequest, FaultService } from '#twin/faults/fault.ts';
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
 * `CliError` (usage) for a latency without its milliseconds; the twin refuses what else does not fit,
 * by rules that are its own. Pure.
 */
export function faultRequest(region: string, kind: FaultKind, given: FaultArguments): FaultRequest {
  const { service, operation, latencyMs } = given;
  if (kind === 'latency' && latencyMs === undefined) {
    const message = 'latency needs --latency-ms, for example --latency-ms 400';
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
  };
}
