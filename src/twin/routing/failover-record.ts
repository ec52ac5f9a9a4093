/** What a pair of Route 53 failover records answers. */

/**
 * Chooses the Region that the failover record points at: the primary unless it is unhealthy, then
 * the secondary; the primary again when no Region is healthy. Pure.
 *
 * `regions`: primary first, at least one.
 * Source: Amazon Route 53 Developer Guide, "How Amazon Route 53 chooses records when health checking
 * is configured" (all unhealthy: the primary record is returned).
 */
export function chooseRegion(
  regions: readonly string[],
  isHealthy: (region: string) => boolean,
): string {
  const primary = regions[0];
  if (primary === undefined) throw new Error('a failover record needs at least one Region');
  return regions.find(isHealthy) ?? primary;
}
