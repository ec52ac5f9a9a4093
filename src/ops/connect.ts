/** Connects to an environment: the clients of its Regions, and what bounds every call. */

import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { AttemptOptions } from '#adapters/aws-attempts.ts';
import { systemClock } from '#adapters/system.ts';
import { resourceNames } from '#contract/names.ts';
import { AppError } from '#core/app-error.ts';
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
/** For a token service to give out credentials, in each Region that is asked. */
const CREDENTIALS_MS = 5_000;

/** Connects. Nothing is sent yet. */
export function connectEnvironment(options: EnvironmentOptions): Environment {
  const { endpoint } = options;
  const shared = {
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECT_MS },
    ...(endpoint === null
      ? { credentials: credentialsOf(options) }
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

type Credentials = Awaited<ReturnType<DynamoDBClient['config']['credentials']>>;

/**
 * The SDK's default credentials, had once for all clients. It waits for a token service as long as that takes; and asks the one
 * of the profile's Region, or where a profile names none, of the client's: so each Region is tried.
 */
function credentialsOf({ regions, profile }: EnvironmentOptions): () => Promise<Credentials> {
  const chains = regions.map((region) => {
    const client = new DynamoDBClient({ region, ...(profile === null ? {} : { profile }) });
    return () => client.config.credentials();
  });
  return () => firstOf(chains, CREDENTIALS_MS);
}

/** What the first gives that gives anything within `limitMs`; rejects as the first of all does. */
export async function firstOf<T>(
  chains: readonly (() => Promise<T>)[],
  limitMs: number,
): Promise<T> {
  let first: unknown;
  for (const chain of chains) {
    try {
      return await within(limitMs, chain());
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}

/** Throws `OpsError` (fault) where there are none: without this, each Region would seem not to answer. */
export async function haveCredentials({ regions }: Environment): Promise<void> {
  try {
    await regions[0]?.dynamodb.config.credentials();
  } catch (error) {
    const what =
      "there are no credentials to ask AWS with, which says nothing of the Regions' health";
    const mend = 'see docs/runbook.md#before-you-need-it';
    throw new OpsError('fault', `${what}: ${reasonOf(error)}; ${mend}`, error);
  }
}

async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  const end = new AbortController();
  const late = sleep(ms, undefined, { signal: end.signal }).then(() => {
    const what = `whoever gives them out did not answer within ${ms / 1_000} s`;
    throw new AppError('unavailable', what);
  });
  // Whichever loses has nobody to hear of it.
  late.catch(() => undefined);
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    end.abort();
  }
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
