/** The throttle of an API Gateway stage: a token bucket. */

export interface TokenBucket {
  /** Takes one token. False: the request is over the rate. */
  take(): boolean;
}

/**
 * `ratePerSecond` tokens flow in, up to `burst` (both may be 0: everything is over the rate). Starts
 * full. `nowMs` is a clock that never goes back.
 * Source: API Gateway developer guide, "Throttle requests to your REST APIs".
 */
export function createTokenBucket(
  ratePerSecond: number,
  burst: number,
  nowMs: () => number,
): TokenBucket {
  let tokens = burst;
  let filledAtMs = nowMs();
  return {
    take() {
      const atMs = nowMs();
      tokens = Math.min(burst, tokens + ((atMs - filledAtMs) / 1000) * ratePerSecond);
      filledAtMs = atMs;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
