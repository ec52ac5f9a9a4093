/** What the twin's DNS knows: the records of the templates, and the names at which APIs are. */

import type { RecordModel } from '#twin/region-model.ts';
import { chooseRecord, eligibleRecords } from './choose-records.ts';

/** A name at which a Region's API answers: what API Gateway calls a Regional domain name. */
export interface DnsHost {
  /** Lower case, without the last dot. */
  readonly name: string;
  readonly region: string;
  /** IPv4. */
  readonly address: string;
  readonly port: number;
}

export interface ZoneContent {
  /** Names of the hosted zones. */
  readonly zones: readonly string[];
  readonly hosts: readonly DnsHost[];
  readonly records: readonly RecordModel[];
}

/** What the choice among routed records depends on. */
export interface RecordChoice {
  readonly isHealthy: (healthCheckId: string) => boolean;
  /** Uniform in [0, 1), as Math.random. */
  readonly random: () => number;
}

/** Where a name leads, and for how long that may be remembered. */
export interface Destination {
  readonly host: DnsHost;
  readonly ttlSeconds: number;
}

export interface ZoneIndex {
  readonly zones: readonly string[];
  hostOf(name: string): DnsHost | null;
  /** One record of each type that the name has, drawn where several share the answers. */
  choose(name: string, choice: RecordChoice): readonly RecordModel[];
  /** Follows CNAMEs and aliases to a host; null where they end elsewhere, or nowhere. */
  follow(name: string, choice: RecordChoice): Destination | null;
  /** Regions that the name leads to now, each with its share of the answers. */
  sharesOf(name: string, isHealthy: RecordChoice['isHealthy']): ReadonlyMap<string, number>;
  /** Every name with something of its own, SRV names left out. */
  readonly names: ReadonlySet<string>;
}

/**
 * TTL of an alias and of API Gateway's own names. Not published by AWS; 60 s is what its name servers
 * are seen to answer.
 */
export const DEFAULT_TTL_SECONDS = 60;
/** A chain that is longer, or goes round in a circle, is followed no further. */
export const CHAIN_LENGTH_MAX = 8;

/** Everything that would be looked up anew for each query. Pure. */
export function indexZone(content: ZoneContent, ttlMaxSeconds: number | null): ZoneIndex {
  const hosts = new Map(content.hosts.map((host) => [host.name, host]));
  // A host's name is the API's own; a record in its place would hide the API.
  const own = content.records.filter(({ name }) => !hosts.has(name));
  const records = Map.groupBy(own, ({ name }) => name);
  const outside = content.hosts.filter(
    ({ name }) => !content.zones.some((zone) => isAtOrBelow(name, zone)),
  );

  const setsOf = (name: string): readonly (readonly RecordModel[])[] => [
    ...Map.groupBy(records.get(name) ?? [], ({ type }) => type).values(),
  ];
  const choose = (name: string, { isHealthy, random }: RecordChoice): readonly RecordModel[] =>
    setsOf(name).flatMap((set) => chooseRecord(set, isHealthy, random) ?? []);

  const follow = (name: string, choice: RecordChoice): Destination | null => {
    let ttlSeconds = cappedTtl(DEFAULT_TTL_SECONDS, ttlMaxSeconds);
    let at = name;
    for (let step = 0; step < CHAIN_LENGTH_MAX; step += 1) {
      const host = hosts.get(at);
      if (host !== undefined) return { host, ttlSeconds };
      const link = choose(at, choice).find(isLink);
      if (link === undefined) return null;
      ttlSeconds = Math.min(ttlSeconds, ttlOf(link, ttlMaxSeconds));
      at = link.values[0] ?? '';
    }
    return null;
  };

  const sharesOf = (
    name: string,
    isHealthy: RecordChoice['isHealthy'],
    depth = 0,
  ): Map<string, number> => {
    const host = hosts.get(name);
    if (host !== undefined) return new Map([[host.region, 1]]);
    const shares = new Map<string, number>();
    if (depth === CHAIN_LENGTH_MAX) return shares;
    const links = (records.get(name) ?? []).filter(isLink);
    const sameType = links.filter(({ type }) => type === links[0]?.type);
    for (const { record, share } of eligibleRecords(sameType, isHealthy)) {
      for (const [region, part] of sharesOf(record.values[0] ?? '', isHealthy, depth + 1)) {
        shares.set(region, (shares.get(region) ?? 0) + share * part);
      }
    }
    return shares;
  };

  return {
    zones: [...content.zones, ...outside.map(({ name }) => name)],
    hostOf: (name) => hosts.get(name) ?? null,
    choose,
    follow,
    sharesOf: (name, isHealthy) => sharesOf(name, isHealthy),
    names: new Set([...hosts.keys(), ...records.keys()]),
  };
}

/** Seconds for which an answer with the record may be kept. */
export function ttlOf({ ttlSeconds }: RecordModel, ttlMaxSeconds: number | null): number {
  return cappedTtl(ttlSeconds ?? DEFAULT_TTL_SECONDS, ttlMaxSeconds);
}

export function cappedTtl(ttlSeconds: number, ttlMaxSeconds: number | null): number {
  return ttlMaxSeconds === null ? ttlSeconds : Math.min(ttlSeconds, ttlMaxSeconds);
}

export function isAtOrBelow(name: string, ancestor: string): boolean {
  return name === ancestor || name.endsWith(`.${ancestor}`);
}

function isLink({ type, alias }: RecordModel): boolean {
  return alias || type === 'CNAME';
}
