/** `holdfast heal`: ends the faults of one Region, all of them, or one by its id. */

import { renderFault } from '../render-fault.ts';
import type { Paint } from '../terminal.ts';
import type { TwinClient } from '../twin-client.ts';

/** Returns what goes to stdout. Nothing to heal is not an error: the twin is then as wanted. */
export async function heal(
  client: TwinClient,
  region: string | undefined,
  faultId: string | undefined,
  json: boolean,
  paint: Paint,
): Promise<string> {
  const result = await client.heal(region, faultId);
  if (json) return `${JSON.stringify(result, null, 2)}\n`;
  const lines = [
    ...result.healed.map(
      (fault) => `${paint('good', 'healed')} ${fault.region}: ${renderFault(fault)}\n`,
    ),
    // One that was killed by a fault is in the lines above.
    ...result.restarted
      .filter((name) => !result.healed.some((fault) => fault.region === name))
      .map((name) => `${paint('good', 'restarted')} ${name}\n`),
  ];
  if (lines.length > 0) return lines.join('');
  return `No faults to heal${region === undefined ? '' : ` in ${region}`}.\n`;
}
