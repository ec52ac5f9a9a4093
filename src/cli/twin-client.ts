/** Talks to the control API of a running twin. */

import { findTwin, TwinFileError } from '#twin/control/twin-file.ts';
import type { HealResult, TwinStatus } from '#twin/control/twin-status.ts';
import type { ActiveFault, FaultRequest } from '#twin/faults/fault.ts';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';

export interface TwinClient {
  status(): Promise<TwinStatus>;
  inject(request: FaultRequest): Promise<ActiveFault>;
  /** Resolves when the Regions are back. `faultId`: ends that fault alone. */
  heal(region?: string, faultId?: string): Promise<HealResult>;
}

const TIMEOUT_MS = 10_000;
/** Above the longest time that a Region is given to start. */
const HEAL_TIMEOUT_MS = 70_000;

/**
 * Finds the twin: at `url` if given, else through `.holdfast/twin.json` in `directory` or above it.
 * Throws `CliError` (fault) when there is none.
 */
export async function connectToTwin(
  url: string | undefined,
  directory: string,
): Promise<TwinClient> {
  if (url !== undefined) return createTwinClient(url);
  try {
    return createTwinClient((await findTwin(directory)).addresses.control);
  } catch (error) {
    if (error instanceof TwinFileError) throw new CliError(EXIT.fault, error.message, error);
    throw error;
  }
}

/**
 * `url`: of the control server, without a path. Every call throws `CliError`: usage for what the twin
 * finds wrong with the request, refused for what it does not allow, fault for the rest.
 */
export function createTwinClient(url: string, timeoutMs: number = TIMEOUT_MS): TwinClient {
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    callTimeoutMs: number = timeoutMs,
  ): Promise<unknown> => {
    let status: number;
    let text: string;
    try {
      const response = await fetch(url + path, {
        method,
        signal: AbortSignal.timeout(callTimeoutMs),
        ...(body === undefined
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      status = response.status;
      text = await response.text();
    } catch (cause) {
      throw new CliError(EXIT.fault, unreachableMessage(url, callTimeoutMs, cause), cause);
    }
    const answer = parseObject(text);
    if (answer === null) throw new CliError(EXIT.fault, strangerMessage(url, status));
    if (status >= 400) {
      const { title, detail } = answer as { title?: unknown; detail?: unknown };
      const message = [title, detail].filter((part) => typeof part === 'string').join(': ');
      throw new CliError(exitCodeFor(status), (message || `HTTP ${status}`).replace(/\.$/, ''));
    }
    return answer;
  };

  return {
    async status() {
      const status = (await call('GET', '/status')) as TwinStatus;
      if (!Array.isArray(status.regions)) throw new CliError(EXIT.fault, strangerMessage(url, 200));
      return status;
    },
    async inject(request) {
      return (await call('POST', '/faults', request)) as ActiveFault;
    },
    async heal(region, faultId) {
      const place = region === undefined ? '' : `/${encodeURIComponent(region)}`;
      const query = faultId === undefined ? '' : `?id=${encodeURIComponent(faultId)}`;
      const path = `/faults${place}${query}`;
      const result = (await call('DELETE', path, undefined, HEAL_TIMEOUT_MS)) as HealResult;
      if (!Array.isArray(result.healed)) throw new CliError(EXIT.fault, strangerMessage(url, 200));
      return result;
    },
  };
}

function exitCodeFor(status: number) {
  if (status === 403 || status === 409) return EXIT.refused;
  return status >= 500 ? EXIT.fault : EXIT.usage;
}

function unreachableMessage(url: string, timeoutMs: number, error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return `the twin at ${url} did not answer within ${timeoutMs / 1_000} s; see the terminal it runs in`;
  }
  return `no twin answers at ${url}; start one with: npm start`;
}

function strangerMessage(url: string, status: number): string {
  return `what answers at ${url} is not a twin (HTTP ${status}); give its control address with --twin`;
}

function parseObject(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
