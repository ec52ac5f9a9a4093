/** Policies of a Region's queues and topics, for the authorizer. */

import type { PolicyDocument, RegionModel } from '#twin/region-model.ts';

/** By ARN. Those without a policy are left out. Pure. */
export function resourcePolicies(
  region: Pick<RegionModel, 'queues' | 'topics'>,
): ReadonlyMap<string, PolicyDocument> {
  return new Map(
    [...region.queues, ...region.topics]
      .filter(({ policy }) => policy !== null && policy !== undefined)
      // The assembly reader has checked the document's form.
      .map(({ arn, policy }) => [arn, policy as PolicyDocument]),
  );
}
