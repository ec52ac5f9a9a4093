/** `holdfast heal`: ends the faults of one Region, or all of them. */

import { renderFault } from '../render-fault.ts';
import type { Paint } from '../terminal.ts';
import type { TwinClient } from '../twin-client.ts';

/** Returns what goes to stdout. Nothing to heal is not an error: the twin is then as wanted. */
export async function heal(
  client: TwinClient,
  region: string | undefined,
  json: boolean,
  paint: Paint,
): Promise<string> {
  const healed = await client.heal(region);
  if (json) return `${JSON.stringify({ healed }, null, 2)}\n`;
  if (healed.length === 0)
    return `No faults to heal${region === undefined ? '' : ` in ${region}`}.\n`;
  return healed
    .map((fault) => `${paint('good', 'healed')} ${fault.region}: ${renderFault(fault)}\n`)
    .join('');
}
