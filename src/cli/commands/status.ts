/** `holdfast status`: what the twin is doing. */

import { renderStatus } from '../render-status.ts';
import type { Paint } from '../terminal.ts';
import type { TwinClient } from '../twin-client.ts';

/** Returns what goes to stdout. */
export async function status(client: TwinClient, json: boolean, paint: Paint): Promise<string> {
  const current = await client.status();
  return json ? `${JSON.stringify(current, null, 2)}\n` : renderStatus(current, paint);
}
