/** A client that knows both Regions: the project's own SDK, as its users configure it. */

import { createHoldfastClient, type HoldfastClientOptions, HoldfastError } from '#sdk/index.ts';
import type { PaymentRequest } from '#sdk/wire.ts';
import type { TargetFacts } from '../drill-target.ts';
import { failed, type SendPayment } from './send-payment.ts';

/**
 * For one try. Half of the SDK's own default: a caller who must be served within 2 s can't give a Region
 * that hangs all of them.
 */
export const TRY_TIMEOUT_MS = 1_000;

/** Creates one client, with breakers of its own. `options`: in place of the process's own, for tests. */
export function createRetryingClient(
  { regions, apiUrls }: Pick<TargetFacts, 'regions' | 'apiUrls'>,
  options: Partial<HoldfastClientOptions> = {},
): SendPayment {
  const client = createHoldfastClient({
    endpoints: regions.map((region) => ({ region, url: apiUrls[region] ?? '' })),
    perTryTimeoutMs: TRY_TIMEOUT_MS,
    ...options,
  });
  return async ({ body }) => {
    try {
      const {
        status,
        region,
        body: answer,
      } = await client.processPayment(JSON.parse(body) as PaymentRequest);
      const seen = { outcome: 'ok', status, region, fault: null } as const;
      // The SDK parses the answer: its bytes are not to be had.
      return { ...seen, timestampEpochSeconds: answer.timestamp, text: null };
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      const { code, status, attempts } = error;
      return { ...failed(code), status, region: attempts.at(-1)?.region ?? null };
    }
  };
}
