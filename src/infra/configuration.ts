/**
 * The deployment's configuration, read off CDK context and checked before anything is built.
 *
 * Every key, its default and its rule are also in docs/deploy.md.
 */

import { gatewayUrlFault } from '#contract/gateway-url.ts';
import {
  DEFAULT_SUFFIX,
  PAYMENTS_TABLE,
  PRIMARY_REGION,
  SECONDARY_REGION,
  SUFFIX_RULE,
  WITNESS_REGION,
} from '#contract/names.ts';
import { createContextReader } from './context-reader.ts';
import { editDistance } from './edit-distance.ts';
import { quoted } from './quoted.ts';
import { regionProblems } from './region-problems.ts';
import { ROUTING_KEYS, type RoutingSettings, readRoutingSettings } from './routing-settings.ts';

export type ConsistencyMode = 'strong' | 'eventual';
export type ApiAccess = 'iam' | 'open';
export type GatewayKind = 'recording' | 'http';
export type ConcurrencyMode = 'reserved' | 'shared';

export interface Configuration extends RoutingSettings {
  readonly environmentSuffix: string;
  /** `strong`: MRSC with a witness. `eventual`: MREC, the original's mode. */
  readonly consistency: ConsistencyMode;
  readonly primaryRegion: string;
  readonly secondaryRegion: string;
  /** Of the control table, which is strongly consistent in both modes, and with `strong` of both. */
  readonly witnessRegion: string;
  /** Destroy with the stack, no protection against deletion: for environments that hold no truth. */
  readonly throwAway: boolean;
  /** `iam`: callers sign with AWS Signature Version 4. `open`: anybody may call. */
  readonly apiAccess: ApiAccess;
  /** Whether API Gateway logs whole requests and answers, card and customer data included. */
  readonly apiDataTrace: boolean;
  /** Whether the stacks set the CloudWatch role of API Gateway, one per account and Region. */
  readonly apiGatewayAccountRole: boolean;
  /** `recording`: no money moves. `http`: the payment gateway at `gatewayUrl`. */
  readonly gateway: GatewayKind;
  /** Null with `recording`. */
  readonly gatewayUrl: string | null;
  /**
   * `reserved`: what fails over, tells health and finishes payments has Lambda concurrency of its own. `shared`:
   * it has not, for accounts whose quota is too low.
   */
  readonly concurrency: ConcurrencyMode;
  /** Attribute with an expiry in epoch seconds; `eventual` only. */
  readonly timeToLiveAttribute: string | null;
  /** Whether the Regions have templates for experiments with AWS FIS. */
  readonly chaos: boolean;
  /** What the operator should know before deploying this, one sentence each. */
  readonly warnings: readonly string[];
}

/** Both Regions, the primary first. */
export function regionsOf(
  configuration: Pick<Configuration, 'primaryRegion' | 'secondaryRegion'>,
): readonly [string, string] {
  return [configuration.primaryRegion, configuration.secondaryRegion];
}

/** Thrown by `readConfiguration` with every problem found, one a line, value and mend included. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration cannot be deployed:\n${problems.map((p) => `  - ${p}`).join('\n')}`);
    this.problems = problems;
  }
}

/** The context keys that this project reads; any other belongs to the CDK or is a mistake. */
export const CONFIGURATION_KEYS = [
  'environmentSuffix',
  'consistency',
  'primaryRegion',
  'secondaryRegion',
  'witnessRegion',
  'throwAway',
  'apiAccess',
  'apiDataTrace',
  'apiGatewayAccountRole',
  'gateway',
  'gatewayUrl',
  'concurrency',
  'timeToLiveAttribute',
  ...ROUTING_KEYS,
  'chaos',
] as const;

/** Suffixes of environments that hold the truth: nothing that weakens protection is accepted. */
const PRODUCTION_SUFFIXES = ['prod', 'production'];

/** Attributes of the table's and its indexes' keys; expiring by one of them would lose payments. */
const KEY_ATTRIBUTES: readonly string[] = [
  PAYMENTS_TABLE.partitionKey,
  PAYMENTS_TABLE.sortKey,
  PAYMENTS_TABLE.customerKey,
  PAYMENTS_TABLE.openKey,
  PAYMENTS_TABLE.openSortKey,
];

/** Context is given to us together with the CDK's own, whose keys carry a scope. */
const MISSPELT_DISTANCE_MAX = 2;

/**
 * Reads and checks the whole configuration.
 *
 * `context`: CDK context; values are strings from `-c key=value`, or JSON values from cdk.json.
 * Pure. Throws one `ConfigurationError` that lists every problem, never only the first.
 */
export function readConfiguration(context: Readonly<Record<string, unknown>>): Configuration {
  const problems: string[] = misspelledKeys(context);
  const reader = createContextReader(context, problems);

  const environmentSuffix = reader.text('environmentSuffix', DEFAULT_SUFFIX);
  if (!SUFFIX_RULE.pattern.test(environmentSuffix)) {
    problems.push(`environmentSuffix ${quoted(environmentSuffix)}: ${SUFFIX_RULE.text}.`);
  }
  const consistency = reader.choice('consistency', ['strong', 'eventual'], 'strong');
  const primaryRegion = reader.text('primaryRegion', PRIMARY_REGION);
  const secondaryRegion = reader.text('secondaryRegion', SECONDARY_REGION);
  const witnessRegion = reader.text('witnessRegion', WITNESS_REGION);
  problems.push(...regionProblems(primaryRegion, secondaryRegion, witnessRegion));

  const timeToLiveAttribute = reader.optionalText('timeToLiveAttribute');
  problems.push(...timeToLiveProblems(timeToLiveAttribute, consistency));

  const routingSettings = readRoutingSettings(reader, problems, consistency);
  const chaos = reader.flag('chaos');
  const throwAway = reader.flag('throwAway');
  const apiAccess = reader.choice('apiAccess', ['iam', 'open'], 'iam');
  const apiDataTrace = reader.flag('apiDataTrace');
  const apiGatewayAccountRole = reader.flag('apiGatewayAccountRole');
  const gateway = reader.choice('gateway', ['recording', 'http'], 'recording');
  const gatewayUrl = reader.optionalText('gatewayUrl');
  problems.push(...gatewayProblems(gateway, gatewayUrl));
  const concurrency = reader.choice('concurrency', ['reserved', 'shared'], 'reserved');
  const isProduction = PRODUCTION_SUFFIXES.includes(environmentSuffix);
  if (isProduction) {
    if (gatewayUrl?.startsWith('http:') === true) {
      problems.push(
        `gatewayUrl: a gateway on the function's own machine is refused for environment ${quoted(environmentSuffix)}; use the https URL of the real one.`,
      );
    }
    if (throwAway) {
      problems.push(
        `throwAway "true": refused for environment ${quoted(environmentSuffix)}, whose payments must outlive the stack; leave it out.`,
      );
    }
    if (apiAccess === 'open') {
      problems.push(
        `apiAccess "open": refused for environment ${quoted(environmentSuffix)}, where anybody could charge payments; use iam.`,
      );
    }
  }

  if (problems.length > 0) throw new ConfigurationError(problems);
  return {
    environmentSuffix,
    consistency,
    primaryRegion,
    secondaryRegion,
    witnessRegion,
    throwAway,
    apiAccess,
    apiDataTrace,
    apiGatewayAccountRole,
    gateway,
    gatewayUrl,
    concurrency,
    timeToLiveAttribute,
    ...routingSettings,
    chaos,
    warnings: warningsOf({
      consistency,
      throwAway,
      apiAccess,
      apiDataTrace,
      apiGatewayAccountRole,
      concurrency,
      chaos,
      domain: routingSettings.domain,
      movesNoMoney: isProduction && gateway === 'recording',
    }),
  };
}

/** What to tell the operator of settings that are allowed but give something up. */
function warningsOf(
  settings: Pick<
    Configuration,
    | 'consistency'
    | 'throwAway'
    | 'apiAccess'
    | 'apiDataTrace'
    | 'apiGatewayAccountRole'
    | 'concurrency'
    | 'chaos'
    | 'domain'
  > & { readonly movesNoMoney: boolean },
): readonly string[] {
  const warnings: string[] = [];
  if (settings.movesNoMoney) {
    warnings.push(
      'gateway=recording: payments are recorded and no money moves; set gateway=http and gatewayUrl to charge.',
    );
  }
  if (settings.consistency === 'eventual') {
    warnings.push(
      'consistency=eventual: payments that a Region accepted just before it was lost are missing until it is back; find them with "holdfast reconcile". Only the Region with the lease takes payments.',
    );
  }
  if (settings.throwAway) {
    warnings.push(
      'throwAway=true: deleting a stack deletes its payments; nothing is protected against deletion.',
    );
  }
  if (settings.apiAccess === 'open') {
    warnings.push('apiAccess=open: the API asks nobody for credentials; anybody can charge.');
  }
  if (settings.apiDataTrace) {
    warnings.push(
      'apiDataTrace=true: API Gateway logs whole request and answer bodies, payment data included.',
    );
  }
  if (settings.apiGatewayAccountRole) {
    warnings.push(
      "apiGatewayAccountRole=true: the stacks take over API Gateway's CloudWatch role for the whole account in both Regions.",
    );
  }
  if (settings.concurrency === 'shared') {
    warnings.push(
      'concurrency=shared: callers of a slow payment gateway can use up the Lambda concurrency of the account; health checks, the sweeper and the orchestrator then stop with them, in both Regions.',
    );
  }
  if (settings.apiAccess === 'iam' && settings.domain !== null) {
    warnings.push(
      'domainName with apiAccess=iam: a signature of Signature Version 4 holds in one Region, so callers of the shared name are refused (403) wherever it leads after a failover. Have them use the SDK or the names of the Regions, or sign for both Regions with SigV4A; see docs/deploy.md#domain.',
    );
  }
  if (settings.chaos) {
    warnings.push(
      'chaos=true: whoever may start experiments in this account can break this environment on purpose.',
    );
  }
  return warnings;
}

function gatewayProblems(gateway: GatewayKind, url: string | null): readonly string[] {
  if (gateway === 'recording') {
    if (url === null) return [];
    return [`gatewayUrl ${quoted(url)}: only gateway=http has one; set that, or leave it out.`];
  }
  if (url === null) return ['gatewayUrl: gateway=http needs the base URL of the payment gateway.'];
  const fault = gatewayUrlFault(url);
  if (fault === null) return [];
  // What has an @ may hold credentials, which logs of a pipeline would keep.
  return [`gatewayUrl${url.includes('@') ? '' : ` ${quoted(url)}`}: ${fault}.`];
}

function timeToLiveProblems(
  attribute: string | null,
  consistency: ConsistencyMode,
): readonly string[] {
  if (attribute === null) return [];
  if (consistency === 'strong') {
    return [
      `timeToLiveAttribute ${quoted(attribute)}: a table with strong consistency has no time to live; leave it out, or use consistency=eventual.`,
    ];
  }
  if (KEY_ATTRIBUTES.includes(attribute)) {
    return [
      `timeToLiveAttribute ${quoted(attribute)}: it is a key, so payments would expire by it; use an attribute of its own.`,
    ];
  }
  // DynamoDB, UpdateTimeToLive: 1 to 255 characters.
  if (attribute.length < 1 || attribute.length > 255) {
    return [`timeToLiveAttribute ${quoted(attribute)}: use 1 to 255 characters.`];
  }
  return [];
}

/** A misspelt key would silently deploy the default, so keys close to ours are refused. */
function misspelledKeys(context: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = [];
  for (const key of Object.keys(context)) {
    if (CONFIGURATION_KEYS.some((known) => known === key)) continue;
    const meant = CONFIGURATION_KEYS.find(
      (known) => editDistance(known, key) <= MISSPELT_DISTANCE_MAX,
    );
    if (meant !== undefined) problems.push(`${key}: no such key; did you mean ${meant}?`);
  }
  return problems;
}
