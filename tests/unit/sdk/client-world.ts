/** A client between two Regions that a test makes up, in virtual time. */

import {
  createHoldfastClient,
  type HoldfastClient,
  type HoldfastClientOptions,
  HoldfastError,
} from '#sdk/index.ts';
import { createVirtualTime, type VirtualTime } from '../../support/virtual-time.ts';

export const EAST_1 = 'us-east-1';
export const EAST_2 = 'us-east-2';

export interface SeenRequest {
  readonly region: string;
  readonly atMs: number;
  readonly method: string;
  /** Path below the endpoint's URL. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: string | null;
  readonly redirect: string | undefined;
  readonly signal: AbortSignal | null;
}

/** What a Region does with a request: answers, hangs for ever, or fails as `fetch` does. */
export type Behaviour = (request: SeenRequest) => Response | Promise<Response> | 'hang' | Error;

export interface ClientWorld {
  readonly client: HoldfastClient;
  readonly time: VirtualTime;
  readonly seen: SeenRequest[];
  /** What each Region does from now on. */
  readonly behave: (behaviours: Readonly<Record<string, Behaviour>>) => void;
  /** Lets the call happen, however long it takes. */
  readonly settle: <Result>(call: Promise<Result>) => Promise<Result>;
  /** The error that the call ends with. */
  readonly failure: (call: Promise<unknown>) => Promise<HoldfastError>;
}

export function createClientWorld(
  options: Partial<HoldfastClientOptions> = {},
  behaviours: Readonly<Record<string, Behaviour>> = {},
): ClientWorld {
  const time = createVirtualTime();
  const seen: SeenRequest[] = [];
  let current = behaviours;
  const client = createHoldfastClient({
    endpoints: [
      { region: EAST_1, url: `https://${EAST_1}.test/prod/` },
      { region: EAST_2, url: `https://${EAST_2}.test/prod` },
    ],
    clock: time,
    random: () => 0.5,
    sleep: (ms) => time.sleep(ms),
    fetch: async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const region = url.hostname.replace('.test', '');
      const request: SeenRequest = {
        region,
        atMs: time.nowMs(),
        method: init?.method ?? 'GET',
        path: url.pathname.replace('/prod', ''),
        headers: new Headers(init?.headers),
        body: typeof init?.body === 'string' ? init.body : null,
        redirect: init?.redirect,
        signal: init?.signal ?? null,
      };
      seen.push(request);
      const result = await (current[region] ?? paid)(request);
      if (result === 'hang') return new Promise(() => undefined);
      if (result instanceof Error) throw result;
      return result;
    },
    ...options,
  });
  const settle = async <Result>(call: Promise<Result>): Promise<Result> => {
    // The call is awaited below; until then its rejection has a handler.
    call.catch(() => undefined);
    await time.run();
    return call;
  };
  return {
    client,
    time,
    seen,
    behave: (next) => {
      current = next;
    },
    settle,
    failure: async (call) => {
      try {
        await settle(call);
      } catch (error) {
        if (error instanceof HoldfastError) return error;
        throw error;
      }
      throw new Error('the call brought a result');
    },
  };
}

/** The API's answer to a payment that it charged. */
export const paid: Behaviour = ({ body }) => {
  const { transaction_id } = JSON.parse(body ?? '{}') as { transaction_id?: string };
  const message = 'Payment processed successfully';
  return json(200, { message, transaction_id, timestamp: 1_700_000_000 }, 'application/json');
};

/** An error as the API words it. */
export function problem(
  status: number,
  code: string,
  more: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Behaviour {
  const body = { error: `about ${code}`, code, status, detail: `Mend ${code}.`, ...more };
  return () => json(status, { ...body, request_id: 'req-1' }, 'application/problem+json', headers);
}

/** As the API says it: retry, but not within a second. */
export function fault(status: number, code: string): Behaviour {
  return problem(status, code, {}, { 'retry-after': '1' });
}

export const hang: Behaviour = () => 'hang';

/** `fetch` in Node says nothing itself; its cause is the system's error. */
export function connectionError(code: string, syscall?: string): Behaviour {
  return () => {
    const cause = Object.assign(
      new Error(code),
      { code },
      syscall === undefined ? {} : { syscall },
    );
    return new TypeError('fetch failed', { cause });
  };
}

export const refuse = connectionError('ECONNREFUSED', 'connect');
export const reset = connectionError('ECONNRESET', 'read');

export function json(
  status: number,
  body: object,
  type = 'application/json',
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': type, 'x-request-id': 'req-1', ...headers },
  });
}
