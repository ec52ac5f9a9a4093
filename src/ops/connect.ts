/** Connects to an environment: the clients of its Regions, and what bounds every call. */

import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { AttemptOptions } from '#adapters/aws-attempts.ts';
import { systemClock } from '#adapters/system.ts';
import { resourceNames } from '#contract/names.ts';
import type { Deadline } from '#core/ports.ts';
import { isFault, OpsError, reasonOf } from './ops-error.ts';

export interface EnvironmentOptions {
  readonly suffix: string;
  /** The primary first. */
  readonly regions: readonly string[];
  /** Of a twin, which takes any credentials; null: AWS, with the SDK's default credentials. */
  readonly endpoint: string | null;
  /** Named profile of the shared AWS configuration; null: the default. Not for a twin. */
  readonly profile: string | null;
  /** Where the APIs of a twin are; left out: where the orchestrators say that theirs are. */
  readonly apiUrls?: Readonly<Record<string, string>>;
}

export interface RegionConnection {
  readonly region: string;
  readonly cloudwatch: CloudWatchClient;
  readonly dynamodb: DynamoDBClient;
  readonly sqs: SQSClient;
}

export interface Environment {
  readonly names: ReturnType<typeof resourceNames>;
  /** The primary first. */
  readonly regions: readonly RegionConnection[];
  /** Base URLs of APIs that are not where their orchestrators say, by Region. */
  readonly apiUrls: Readonly<Record<string, string>>;
  readonly attempts: AttemptOptions;
  /** The deadline of one call that begins now. */
  deadline(): Deadline;
  close(): void;
}

/** Longest time for one call with its retries: an operator waits for an answer, a lost Region has none. */
const CALL_MS = 6_000;
const ATTEMPT_MS = 2_500;
const CONNECT_MS = 1_500;
const ATTEMPTS_MAX = 4;

/** Connects. Nothing is sent yet. */
export function connectEnvironment(options: EnvironmentOptions): Environment {
  const { endpoint, profile } = options;
  const shared = {
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECT_MS },
    ...(profile === null ? {} : { profile }),
    ...(endpoint === null
      ? {}
      : { endpoint, credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' } }),
  };
  const regions = options.regions.map((region) => ({
    region,
    cloudwatch: new CloudWatchClient({ ...shared, region }),
    dynamodb: new DynamoDBClient({ ...shared, region }),
    // A queue's URL is its name here, not an address: a twin's is reached at its endpoint.
    sqs: new SQSClient({ ...shared, region, useQueueUrlAsEndpoint: false }),
  }));
  const attempts: AttemptOptions = {
    clock: systemClock,
    attemptTimeoutMs: ATTEMPT_MS,
    attemptsMax: ATTEMPTS_MAX,
    sleep: (ms) => sleep(ms),
    random: Math.random,
  };
  return {
    names: resourceNames(options.suffix),
    regions,
    apiUrls: options.apiUrls ?? {},
    attempts,
    deadline: () => ({ atEpochMs: systemClock.nowEpochMs() + CALL_MS }),
    close() {
      for (const { cloudwatch, dynamodb, sqs } of regions) {
        cloudwatch.destroy();
        dynamodb.destroy();
        sqs.destroy();
      }
    },
  };
}

/** A Region that could not be asked, and why. */
export interface UnreachedRegion {
  readonly region: string;
  readonly reason: string;
}

/**
 * Asks the Regions one after the other until one answers. Throws `OpsError` (fault) when none does, with
 * the reasons of all.
 */
export async function firstAnswer<T>(
  what: string,
  regions: readonly RegionConnection[],
  ask: (connection: RegionConnection) => Promise<T>,
): Promise<{ readonly answer: T; readonly connection: RegionConnection }> {
  const reasons: string[] = [];
  let cause: unknown;
  for (const connection of regions) {
    try {
      return { answer: await ask(connection), connection };
    } catch (error) {
      if (!isFault(error)) throw error;
      cause = error;
      reasons.push(`${connection.region}: ${reasonOf(error)}`);
    }
  }
  throw new OpsError('fault', `no Region answers for ${what} (${reasons.join('; ')})`, cause);
}
