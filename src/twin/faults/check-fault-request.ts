/** Refuses fault requests that make no sense, with the value at fault and the mend. */

import {
  FAULT_KINDS,
  FAULT_SERVICES,
  type FaultKind,
  type FaultRequest,
  FaultRequestError,
} from './fault.ts';

/** Longer than any client waits; beyond it, `freeze` says what is meant. */
export const LATENCY_MS_MAX = 120_000;

/** The options that each kind takes besides `region` and `kind`. */
const OPTIONS_OF: Record<FaultKind, readonly (keyof FaultRequest)[]> = {
  kill: [],
  freeze: [],
  isolate: [],
  latency: ['service', 'operation', 'latencyMs'],
  errors: ['service', 'operation', 'rate'],
  throttle: ['service', 'operation', 'rate'],
};

/**
 * Throws `FaultRequestError` unless `request` can be put in force. Pure.
 *
 * The request may come straight from JSON: nothing is taken for granted but that it is an object.
 */
export function checkFaultRequest(
  request: FaultRequest,
  places: { readonly regions: readonly string[]; readonly witness: string | null },
): void {
  checkKind(request);
  checkRegion(request, places);
  const allowed = OPTIONS_OF[request.kind];
  for (const [name, value] of Object.entries(request)) {
    if (name === 'region' || name === 'kind' || value === undefined) continue;
    if (!allowed.some((option) => option === name)) {
      const takes = allowed.length === 0 ? 'none' : allowed.join(', ');
      refuse(`A ${request.kind} fault takes no ${name} (its options: ${takes}). Leave it out.`);
    }
  }
  checkTarget(request);
  if (allowed.includes('latencyMs')) checkLatency(request.latencyMs);
  if (allowed.includes('rate')) checkRate(request.kind, request.rate);
}

function checkKind(request: FaultRequest): void {
  if (FAULT_KINDS.includes(request.kind)) return;
  refuse(`Unknown kind of fault ${show(request.kind)}: use one of ${FAULT_KINDS.join(', ')}.`);
}

function checkRegion(
  request: FaultRequest,
  { regions, witness }: { readonly regions: readonly string[]; readonly witness: string | null },
): void {
  if (regions.includes(request.region)) return;
  if (request.region !== witness || witness === null) {
    const known = witness === null ? regions : [...regions, `${witness} (the witness)`];
    refuse(`No Region ${show(request.region)} here: use one of ${known.join(', ')}.`);
  }
  if (request.kind !== 'isolate') {
    refuse(`${witness} is the witness: it runs nothing to ${request.kind}. It can be isolated.`);
  }
}

function checkTarget(request: FaultRequest): void {
  const { service, operation } = request;
  if (service !== undefined && !FAULT_SERVICES.includes(service)) {
    refuse(`Unknown service ${show(service)}: use one of ${FAULT_SERVICES.join(', ')}.`);
  }
  if (operation === undefined) return;
  if (service === undefined || service === 'api') {
    refuse('A fault with an operation needs the AWS service of it: dynamodb, sqs or sns.');
  }
  if (typeof operation !== 'string' || !/^[A-Z][A-Za-z]+$/.test(operation)) {
    refuse(`Operation ${show(operation)} is not an AWS name: write it as AWS does, like PutItem.`);
  }
}

function checkLatency(latencyMs: unknown): void {
  if (typeof latencyMs === 'number' && latencyMs > 0 && latencyMs <= LATENCY_MS_MAX) return;
  refuse(
    `A latency fault needs latencyMs above 0 and up to ${LATENCY_MS_MAX}, not ${show(latencyMs)}.`,
  );
}

function checkRate(kind: FaultKind, rate: unknown): void {
  if (typeof rate === 'number' && rate > 0 && rate <= 1) return;
  refuse(`${kind} needs rate above 0 and up to 1 (the share of the calls), not ${show(rate)}.`);
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

function refuse(message: string): never {
  throw new FaultRequestError(message);
}
