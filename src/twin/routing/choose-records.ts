/** Which of the records of one name and type Route 53 answers with. */

import type { RecordModel } from '#twin/region-model.ts';

/** As little of a record as the choice needs. */
export type Candidate = Pick<RecordModel, 'routing' | 'healthCheckId'>;

/**
 * The records that may be answered with, each with its share of the answers. Pure.
 *
 * Failover: the primary unless it is unhealthy, then the secondary; the primary when neither is
 * healthy. Weighted: the healthy ones by weight; those of weight 0 only while no other is healthy;
 * when none is, all of them as if they were. `records`: of one name, type and routing policy.
 * Source: Amazon Route 53 Developer Guide, "How Amazon Route 53 chooses records when health checking
 * is configured".
 */
export function eligibleRecords<Record extends Candidate>(
  records: readonly Record[],
  isHealthy: (healthCheckId: string) => boolean,
): readonly { readonly record: Record; readonly share: number }[] {
  const serves = ({ healthCheckId }: Candidate) =>
    healthCheckId === null || isHealthy(healthCheckId);
  const weighted = records.some(({ routing }) => routing.kind === 'weighted');
  if (!weighted) {
    const ranked = records.toSorted((a, b) => rankOf(a) - rankOf(b));
    const [first] = ranked;
    const chosen = ranked.find(serves) ?? first;
    return chosen === undefined ? [] : [{ record: chosen, share: 1 }];
  }
  const healthy = records.filter(serves);
  const candidates = healthy.length > 0 ? healthy : records;
  const preferred = candidates.filter((record) => weightOf(record) > 0);
  const chosen = preferred.length > 0 ? preferred : candidates;
  const weights = chosen.map((record) => (preferred.length > 0 ? weightOf(record) : 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return chosen.map((record, index) => ({ record, share: (weights[index] ?? 0) / total }));
}

/** Draws one of them; `random` is uniform in [0, 1). Null when there is no record. */
export function chooseRecord<Record extends Candidate>(
  records: readonly Record[],
  isHealthy: (healthCheckId: string) => boolean,
  random: () => number,
): Record | null {
  const eligible = eligibleRecords(records, isHealthy);
  const last = eligible.at(-1)?.record ?? null;
  if (eligible.length < 2) return last;
  let left = random();
  for (const { record, share } of eligible) {
    left -= share;
    if (left < 0) return record;
  }
  // Shares that were rounded down may add up to a little less than what was drawn.
  return last;
}

function rankOf({ routing }: Candidate): number {
  return routing.kind === 'failover' && routing.role === 'SECONDARY' ? 1 : 0;
}

function weightOf({ routing }: Candidate): number {
  return routing.kind === 'weighted' ? routing.weight : 0;
}
