/** Asks a Region's API whether traffic is sent there, as Route 53 does. */

import type { ErrorCode } from '#contract/errors.ts';
import type { TrafficAnswer } from './routing-world.ts';

const ELSEWHERE: ErrorCode = 'traffic_elsewhere';

/** Creates the question. `timeoutMs`: for the whole request. Never rejects. */
export function createAskTraffic(options: {
  readonly timeoutMs: number;
  readonly fetch: typeof fetch;
}): (apiUrl: string) => Promise<TrafficAnswer> {
  return async (apiUrl) => {
    try {
      const response = await options.fetch(`${apiUrl.replace(/\/+$/, '')}/health/traffic`, {
        redirect: 'error',
        signal: AbortSignal.timeout(options.timeoutMs),
      });
      const text = await response.text();
      if (response.ok) return 'here';
      return codeOf(text) === ELSEWHERE ? 'elsewhere' : 'unhealthy';
    } catch {
      return 'unreachable';
    }
  };
}

function codeOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { readonly code?: unknown } | null)?.code;
  } catch {
    return undefined;
  }
}
