/** Refuses fault requests that make no sense, with the value at fault and the mend. */

import {
  CRASH_MOMENTS,
  FAULT_KINDS,
  FAULT_SERVICES,
  type FaultKind,
  type FaultRequest,
  FaultRequestError,
  PARTITION_DIRECTIONS,
} from './fault.ts';

/** Longer than any client waits; beyond it, `freeze` says what is meant. */
export const LATENCY_MS_MAX = 120_000;

/** Calls that a `crash` may let pass: more than any test makes. */
export const SKIP_MAX = 1_000_000;

/** The options that each kind takes besides `region` and `kind`. */
const OPTIONS_OF: Record<FaultKind, readonly (keyof FaultRequest)[]> = {
  kill: [],
  freeze: [],
  isolate: [],
  partition: ['direction', 'peer'],
  latency: ['service', 'operation', 'latencyMs'],
  errors: ['service', 'operation', 'rate'],
  throttle: ['service', 'operation', 'rate'],
  lag: ['latencyMs'],
  pause: [],
  crash: ['service', 'operation', 'moment', 'skip'],
  'stale-dns': [],
};

/** Kinds that a witness takes: it runs nothing, and has a place in the network. */
const OF_THE_WITNESS: readonly FaultKind[] = ['isolate', 'partition'];

/** Where faults can be. */
export interface FaultPlaces {
  readonly regions: readonly string[];
  readonly witness: string | null;
  /** Regions with a replica of an eventually consistent global table: replication there can lag. */
  readonly laggingRegions: readonly string[];
}

/**
 * Throws `FaultRequestError` unless `request` can be put in force. Pure.
 *
 * The request may come straight from JSON: nothing is taken for granted but that it is an object.
 */
export function checkFaultRequest(request: FaultRequest, places: FaultPlaces): void {
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
  if (allowed.includes('latencyMs')) checkLatency(request.kind, request.latencyMs);
  if (allowed.includes('rate')) checkRate(request.kind, request.rate);
  if (request.kind === 'lag') checkLag(request.region, places);
  if (request.kind === 'crash') checkCrash(request);
  if (request.kind === 'partition') checkPartition(request, places);
}

function checkKind(request: FaultRequest): void {
  if (FAULT_KINDS.includes(request.kind)) return;
  refuse(`Unknown kind of fault ${show(request.kind)}: use one of ${FAULT_KINDS.join(', ')}.`);
}

function checkRegion(request: FaultRequest, { regions, witness }: FaultPlaces): void {
  if (regions.includes(request.region)) return;
  if (request.region !== witness || witness === null) {
    const known = witness === null ? regions : [...regions, `${witness} (the witness)`];
    refuse(`No Region ${show(request.region)} here: use one of ${known.join(', ')}.`);
  }
  if (!OF_THE_WITNESS.includes(request.kind)) {
    refuse(
      `${witness} is the witness: it runs nothing to ${request.kind}. ` +
        'It can be isolated or partitioned.',
    );
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

function checkLatency(kind: FaultKind, latencyMs: unknown): void {
  if (typeof latencyMs === 'number' && latencyMs > 0 && latencyMs <= LATENCY_MS_MAX) return;
  refuse(
    `A ${kind} fault needs latencyMs above 0 and up to ${LATENCY_MS_MAX}, not ${show(latencyMs)}.`,
  );
}

function checkLag(region: string, { laggingRegions }: FaultPlaces): void {
  if (laggingRegions.includes(region)) return;
  refuse(
    `No table replicates out of ${region} with a lag: strongly consistent tables have none. ` +
      'Start with eventually consistent tables, or use pause or isolate.',
  );
}

function checkCrash({ service, operation, moment, skip }: FaultRequest): void {
  if (service === undefined || service === 'api' || operation === undefined) {
    refuse('A crash needs the service and the operation of the call at which it strikes.');
  }
  if (moment === undefined || !CRASH_MOMENTS.includes(moment)) {
    refuse(`A crash needs moment ${CRASH_MOMENTS.join(' or ')}, not ${show(moment)}.`);
  }
  if (skip === undefined || (Number.isInteger(skip) && skip >= 0 && skip <= SKIP_MAX)) return;
  refuse(`skip must be a whole number from 0 to ${SKIP_MAX}, not ${show(skip)}.`);
}

function checkPartition(
  { region, direction, peer }: FaultRequest,
  { regions, witness }: FaultPlaces,
): void {
  if (direction === undefined || !PARTITION_DIRECTIONS.includes(direction)) {
    const either = PARTITION_DIRECTIONS.join(' or ');
    refuse(`A partition needs direction ${either} (of ${region}), not ${show(direction)}.`);
  }
  const others = (witness === null ? regions : [...regions, witness]).filter(
    (place) => place !== region,
  );
  if (peer === undefined || others.includes(peer)) return;
  refuse(`peer must be one of ${others.join(', ')}, not ${show(peer)}; leave it out for all.`);
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
