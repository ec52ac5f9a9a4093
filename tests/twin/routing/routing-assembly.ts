/** The tests' assembly less some of its stacks, so that nothing but Route 53 moves traffic. */

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Moves traffic by itself, and keeps it there when the lost Region comes back. */
export const ORCHESTRATOR_STACKS = 'TapStackFailover';
/** Domain names, health checks and records. */
export const ROUTING_STACKS = 'TapStackRouting';

/** Empties the stacks whose names begin so, in both Regions. Throws when there are none. */
export function emptyStacks(assembly: string, prefix: string): void {
  const files = readdirSync(assembly).filter(
    (file) => file.startsWith(`${prefix}-`) && file.endsWith('.template.json'),
  );
  if (files.length === 0) throw new Error(`${assembly} has no stacks ${prefix}`);
  for (const file of files) writeFileSync(join(assembly, file), '{"Resources":{}}');
}
