/** Route 53 records. */

import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { RecordModel, RegionModel } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import { excerpt, type Fields } from '../fields.ts';
import type { NotRun } from '../not-run.ts';
import { type Resource, resourcesOf, type Stack } from '../stack.ts';

const TYPE = 'AWS::Route53::RecordSet';

/** Types that the DNS server here answers with. */
const RUN_TYPES: readonly string[] = ['A', 'AAAA', 'CNAME', 'TXT'];
const ALIAS_TYPES: readonly string[] = ['A', 'AAAA'];
/** Ways to choose among records that the twin has not got; the assembly reader names them. */
const OTHER_POLICIES = [
  'CidrRoutingConfig',
  'GeoLocation',
  'GeoProximityLocation',
  'MultiValueAnswer',
  'Region',
];
/** Source: Route 53 API reference, ResourceRecordSet. */
const TTL_SECONDS_MAX = 2_147_483_647;
const WEIGHT_MAX = 255;
const SET_IDENTIFIER_LENGTH_MAX = 128;
/** Source: RFC 1035 section 2.3.4, less the octets that the wire adds to the text. */
const NAME_LENGTH_MAX = 253;
const LABEL_LENGTH_MAX = 63;

/**
 * Records of the types A, AAAA, CNAME and TXT with simple, failover or weighted routing. Others are
 * named as not run. Throws `AssemblyError` for what ChangeResourceRecordSets refuses of one record.
 */
export function buildRecords(stack: Stack, notRun: NotRun): RecordModel[] {
  return resourcesOf(stack, TYPE).flatMap((resource): RecordModel[] => {
    const { properties, logicalId } = resource;
    const type = properties.string('Type');
    const name = nameOf(properties.string('Name'), properties.where);
    if (!RUN_TYPES.includes(type)) notRun.add(`${TYPE} (${type})`, logicalId);
    else if (properties.has('AliasTarget') && !ALIAS_TYPES.includes(type)) {
      notRun.add(`${TYPE} (${type} alias)`, logicalId);
    } else if (name.startsWith('*.')) notRun.add(`${TYPE} (wildcard)`, logicalId);
    else if (!OTHER_POLICIES.some((policy) => properties.has(policy))) {
      return [recordOf(resource, name, type, notRun)];
    }
    return [];
  });
}

/**
 * Throws when records of one name could not stand beside each other in their zone. Stacks of several
 * Regions write into one zone, so all of them are looked at together.
 */
export function assertRecordsApart(regions: readonly Pick<RegionModel, 'records'>[]): void {
  const all = regions.flatMap(({ records }) => records);
  const groups = Map.groupBy(all, ({ hostedZoneId, name }) => `${hostedZoneId} ${name}`);
  for (const records of groups.values()) {
    for (const [index, record] of records.entries()) {
      for (const other of records.slice(0, index)) requireApart(record, other);
    }
  }
}

function requireApart(record: RecordModel, other: RecordModel): void {
  const { name, type, routing, setIdentifier } = record;
  if (type !== other.type) {
    if (type !== 'CNAME' && other.type !== 'CNAME') return;
    throw new AssemblyError(
      `${name} has a CNAME record and one of another type (${type}, ${other.type}): a CNAME stands ` +
        'alone. Remove one of them.',
    );
  }
  if (routing.kind === 'simple' && other.routing.kind === 'simple') {
    throw new AssemblyError(`${name} has two simple ${type} records. Put their values into one.`);
  }
  if (routing.kind !== other.routing.kind) {
    throw new AssemblyError(
      `${name} has ${type} records with ${routing.kind} and with ${other.routing.kind} routing. ` +
        'Route all of them in one way.',
    );
  }
  if (setIdentifier === other.setIdentifier) {
    throw new AssemblyError(
      `${name} has two ${type} records with SetIdentifier ${setIdentifier}. Rename one of them.`,
    );
  }
  if (
    routing.kind === 'failover' &&
    other.routing.kind === 'failover' &&
    routing.role === other.routing.role
  ) {
    throw new AssemblyError(
      `${name} has two ${type} records with Failover ${routing.role}: one of them must be the other role.`,
    );
  }
}

function recordOf(
  { properties, logicalId }: Resource,
  name: string,
  type: string,
  notRun: NotRun,
): RecordModel {
  const routing = routingOf(properties);
  const setIdentifier = properties.optionalString('SetIdentifier');
  const { where } = properties;
  if (routing.kind === 'simple' && setIdentifier !== null) {
    throw new AssemblyError(
      `${where}: SetIdentifier is for records with Failover or Weight. Add one of them, or leave it out.`,
    );
  }
  if (routing.kind !== 'simple' && setIdentifier === null) {
    throw new AssemblyError(
      `${where}: a ${routing.kind} record needs a SetIdentifier that tells it from the others.`,
    );
  }
  if ((setIdentifier?.length ?? 0) > SET_IDENTIFIER_LENGTH_MAX) {
    throw new AssemblyError(
      `${where}: SetIdentifier has more than ${SET_IDENTIFIER_LENGTH_MAX} characters.`,
    );
  }
  const healthCheckId = properties.optionalString('HealthCheckId');
  return {
    ...{ name, type, setIdentifier, routing, healthCheckId },
    hostedZoneId: hostedZoneOf(properties, name, type),
    ...(properties.has('AliasTarget')
      ? aliasOf(properties, logicalId, notRun)
      : dataOf(properties, type)),
  };
}

function routingOf(properties: Fields): RecordModel['routing'] {
  const role = properties.optionalString('Failover');
  if (role !== null && properties.has('Weight')) {
    throw new AssemblyError(`${properties.where}: Failover and Weight exclude each other.`);
  }
  if (role !== null) {
    if (role === 'PRIMARY' || role === 'SECONDARY') return { kind: 'failover', role };
    throw new AssemblyError(
      `${properties.where}: Failover must be PRIMARY or SECONDARY, not ${role}.`,
    );
  }
  if (!properties.has('Weight')) return { kind: 'simple' };
  const weight = properties.number('Weight', 0);
  if (!Number.isInteger(weight) || weight < 0 || weight > WEIGHT_MAX) {
    throw new AssemblyError(
      `${properties.where}: Weight must be a whole number from 0 to ${WEIGHT_MAX}, not ${weight}.`,
    );
  }
  return { kind: 'weighted', weight };
}

/**
 * The id; or, where the template gives the name of the zone instead, that name, and only then can be
 * seen whether the record fits into the zone.
 */
function hostedZoneOf(properties: Fields, name: string, type: string): string {
  const id = properties.optionalString('HostedZoneId');
  const zoneName = properties.optionalString('HostedZoneName');
  if (id !== null && zoneName === null) return id;
  if (id !== null || zoneName === null) {
    throw new AssemblyError(
      `${properties.where}: give exactly one of HostedZoneId and HostedZoneName.`,
    );
  }
  const zone = nameOf(zoneName, properties.where);
  if (name !== zone && !name.endsWith(`.${zone}`)) {
    throw new AssemblyError(`${properties.where}: ${name} is not in the zone ${zone}.`);
  }
  if (name === zone && type === 'CNAME') {
    throw new AssemblyError(
      `${properties.where}: the name of the zone itself can have no CNAME. Use a name below it.`,
    );
  }
  return zone;
}

type Data = Pick<RecordModel, 'alias' | 'ttlSeconds' | 'values'>;

function aliasOf(properties: Fields, logicalId: string, notRun: NotRun): Data {
  const target = properties.object('AliasTarget');
  if (properties.has('TTL') || properties.has('ResourceRecords')) {
    throw new AssemblyError(
      `${properties.where}: an alias has neither TTL nor ResourceRecords. Leave them out.`,
    );
  }
  if (target.boolean('EvaluateTargetHealth', false)) {
    notRun.add(`${TYPE}.AliasTarget.EvaluateTargetHealth`, logicalId);
  }
  const values = [nameOf(target.string('DNSName'), target.where)];
  return { alias: true, ttlSeconds: null, values };
}

function dataOf(properties: Fields, type: string): Data {
  const { where } = properties;
  const values = properties.strings('ResourceRecords');
  if (values.length === 0) {
    throw new AssemblyError(`${where}: a record needs ResourceRecords or an AliasTarget.`);
  }
  if (!properties.has('TTL')) {
    throw new AssemblyError(`${where}: a record with ResourceRecords needs a TTL, in seconds.`);
  }
  const ttlSeconds = properties.number('TTL', 0);
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 0 || ttlSeconds > TTL_SECONDS_MAX) {
    throw new AssemblyError(
      `${where}: TTL must be a whole number of seconds from 0 to ${TTL_SECONDS_MAX}, not ${ttlSeconds}.`,
    );
  }
  if (type === 'CNAME' && values.length > 1) {
    throw new AssemblyError(`${where}: a CNAME record has exactly one value.`);
  }
  const fits = type === 'A' ? isIPv4 : type === 'AAAA' ? isIPv6 : null;
  const wrong = fits === null ? undefined : values.find((value) => !fits(value));
  if (wrong !== undefined) {
    throw new AssemblyError(`${where}: ${wrong} is no address for a record of type ${type}.`);
  }
  if (type === 'CNAME') {
    const target = values.map((value) => nameOf(value, where));
    if (isIP(target[0] ?? '') !== 0) {
      throw new AssemblyError(`${where}: a CNAME record names another name, not an address.`);
    }
    return { alias: false, ttlSeconds, values: target };
  }
  return { alias: false, ttlSeconds, values: type === 'TXT' ? values.map(unquoted) : values };
}

/** Route 53 writes the strings of a TXT record in quotes, one after the other. */
function unquoted(value: string): string {
  const strings = [...value.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text);
  return strings.length === 0 ? value : strings.join('').replaceAll(/\\(.)/g, '$1');
}

/** In lower case and without the last dot. A star may stand for the first label. */
function nameOf(text: string, where: string): string {
  const name = text.toLowerCase().replace(/\.$/, '');
  const labels = name.split('.');
  const fits =
    name.length <= NAME_LENGTH_MAX &&
    labels.every((label) => label !== '' && label.length <= LABEL_LENGTH_MAX && !/\s/.test(label));
  if (fits) return name;
  throw new AssemblyError(`${where}: ${excerpt(text)} is no domain name.`);
}
