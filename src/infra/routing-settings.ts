/** The part of the configuration that says where traffic goes and how it moves. */

import {
  FAILBACK_MODES,
  type FailbackMode,
  ROUTING_POLICIES,
  type RoutingPolicy,
} from '#contract/names.ts';
import type { ContextReader } from './context-reader.ts';
import { quoted } from './quoted.ts';

export interface RoutingSettings {
  /** Null: clients are given both Regions' execute-api addresses, and Route 53 has no part in it. */
  readonly domain: Domain | null;
  /** How long resolvers may keep the answer for the domain. */
  readonly dnsTtlSeconds: number;
  readonly routing: RoutingPolicy;
  /** Whether traffic comes back to a Region by itself. */
  readonly failback: FailbackMode;
  /** Between the orchestrator's rounds. */
  readonly failoverProbeSeconds: number;
  /** How long a Region's heartbeat must be silent before it can be taken for lost. */
  readonly failoverSilenceSeconds: number;
  /** After a transition, before automation makes another. */
  readonly failoverCooldownSeconds: number;
  /** How long a Region must have been healthy before automation gives it traffic again. */
  readonly failbackSoakSeconds: number;
}

export interface Domain {
  /** Lower case, without a dot at its end: `api.example.com`. */
  readonly name: string;
  /** Of the public hosted zone that the name lies in: `example.com`. */
  readonly zoneName: string;
  /** The zone's id, without `/hostedzone/`. */
  readonly zoneId: string;
}

export const ROUTING_KEYS = [
  'domainName',
  'hostedZoneName',
  'hostedZoneId',
  'dnsTtlSeconds',
  'routing',
  'failback',
  'failoverProbeSeconds',
  'failoverSilenceSeconds',
  'failoverCooldownSeconds',
  'failbackSoakSeconds',
] as const;

/**
 * Half of the 60 s within which clients that honour DNS are to reach the other Region; the health check
 * takes the other half.
 */
const DNS_TTL_SECONDS_DEFAULT = 30;
const DNS_TTL_SECONDS = { min: 1, max: 300 };
const PROBE_SECONDS_DEFAULT = 10;
/**
 * A new process judges in its third round, 2 × (this + 2 s for a probe that nobody answers) after its first, and must
 * then have the 28 s left that a move may take of its minute. Source: src/core/routing/watch.ts, `MOVE_NEEDS_MS`.
 */
const PROBE_SECONDS = { min: 1, max: 12 };
/** Six rounds of probes; between two watches there are up to 20 s without a heartbeat. */
const SILENCE_SECONDS_DEFAULT = 60;
const SILENCE_SECONDS = { min: 3, max: 600 };
const SILENCE_PROBES_MIN = 3;
const COOLDOWN_SECONDS_DEFAULT = 300;
const SOAK_SECONDS_DEFAULT = 1_800;
const UP_TO_A_DAY = { min: 0, max: 86_400 };

/** ACM takes the first name of a certificate up to 64 characters. Source: ACM, RequestCertificate. */
const DOMAIN_LENGTH_MAX = 64;
/** Host names, RFC 1123, section 2.1: labels of 1 to 63, at least two of them. */
const DNS_NAME =
  /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** Source: Route 53 API reference, ResourceId: at most 32 characters. */
const ZONE_ID = /^Z[A-Z0-9]{1,31}$/;

/** Reads the keys in `ROUTING_KEYS`; what is wrong with them is added to `problems`. */
export function readRoutingSettings(
  reader: ContextReader,
  problems: string[],
  consistency: 'strong' | 'eventual',
): RoutingSettings {
  const domain = readDomain(reader, problems);
  const routing = reader.choice('routing', ROUTING_POLICIES, 'active-passive');
  if (routing === 'active-active' && consistency === 'eventual') {
    problems.push(
      'routing "active-active": with consistency=eventual only the Region that holds the lease takes payments; use active-passive, or consistency=strong.',
    );
  }
  const seconds = reader.wholeNumber;
  const probe = seconds('failoverProbeSeconds', PROBE_SECONDS, PROBE_SECONDS_DEFAULT);
  const silence = seconds('failoverSilenceSeconds', SILENCE_SECONDS, SILENCE_SECONDS_DEFAULT);
  if (silence < SILENCE_PROBES_MIN * probe) {
    problems.push(
      `failoverSilenceSeconds "${silence}": use at least three times failoverProbeSeconds, ${SILENCE_PROBES_MIN * probe}, or a heartbeat that is late would count as silent.`,
    );
  }
  return {
    domain,
    dnsTtlSeconds: seconds('dnsTtlSeconds', DNS_TTL_SECONDS, DNS_TTL_SECONDS_DEFAULT),
    routing,
    failback: reader.choice('failback', FAILBACK_MODES, 'manual'),
    failoverProbeSeconds: probe,
    failoverSilenceSeconds: silence,
    failoverCooldownSeconds: seconds(
      'failoverCooldownSeconds',
      UP_TO_A_DAY,
      COOLDOWN_SECONDS_DEFAULT,
    ),
    failbackSoakSeconds: seconds('failbackSoakSeconds', UP_TO_A_DAY, SOAK_SECONDS_DEFAULT),
  };
}

/** The name for both Regions, or, with `region`, the one of that Region alone. */
export function domainNameOf(domain: Domain, region?: string): string {
  return region === undefined ? domain.name : `${region}.${domain.name}`;
}

function readDomain(reader: ContextReader, problems: string[]): Domain | null {
  const given = {
    domainName: reader.optionalText('domainName'),
    hostedZoneName: reader.optionalText('hostedZoneName'),
    hostedZoneId: reader.optionalText('hostedZoneId'),
  };
  const missing = Object.entries(given)
    .filter(([, value]) => value === null)
    .map(([key]) => key);
  if (missing.length === 3) return null;
  const { domainName: name, hostedZoneName: zoneName, hostedZoneId: zoneId } = given;
  if (name === null || zoneName === null || zoneId === null) {
    problems.push(
      `${missing.join(', ')}: missing; a domain needs domainName, hostedZoneName and hostedZoneId, or leave all three out.`,
    );
    return null;
  }
  const found = [
    nameProblem('domainName', name, 'api.example.com'),
    nameProblem('hostedZoneName', zoneName, 'example.com'),
    zoneIdProblem(zoneId),
  ].filter((problem) => problem !== null);
  if (found.length === 0) {
    const relation = relationProblem(name, zoneName);
    if (relation !== null) found.push(relation);
  }
  problems.push(...found);
  return found.length === 0 ? { name, zoneName, zoneId } : null;
}

function nameProblem(key: string, name: string, example: string): string | null {
  if (name.length > DOMAIN_LENGTH_MAX) {
    return `${key} ${quoted(name)}: use at most ${DOMAIN_LENGTH_MAX} characters, which is what a certificate takes.`;
  }
  if (DNS_NAME.test(name)) return null;
  return `${key} ${quoted(name)}: use a DNS name such as ${example}: lower case, no dot at the end, no scheme, no wildcard.`;
}

function zoneIdProblem(zoneId: string): string | null {
  if (ZONE_ID.test(zoneId)) return null;
  return `hostedZoneId ${quoted(zoneId)}: use the id alone, Z and up to 31 of A-Z and 0-9, such as Z0123456789ABCDEFGHIJ.`;
}

function relationProblem(name: string, zoneName: string): string | null {
  if (name === zoneName) {
    return `domainName ${quoted(name)}: it is the top of the zone, where a CNAME can't be; use a name below it, such as api.${zoneName}.`;
  }
  if (name.endsWith(`.${zoneName}`)) return null;
  return `domainName ${quoted(name)}: it is not in hostedZoneName ${quoted(zoneName)}; use a name that ends in .${zoneName}.`;
}
