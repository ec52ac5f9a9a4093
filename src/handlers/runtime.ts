/** What a function's process is made of: its environment, its clients, its budgets. */

import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { AttemptOptions } from '#adapters/aws-attempts.ts';
import { systemClock } from '#adapters/system.ts';
import { createTelemetry, type Telemetry } from '#adapters/telemetry.ts';
import { ENVIRONMENT, ROUTING_POLICIES, type RoutingPolicy } from '#contract/names.ts';
import type { Deadline } from '#core/ports.ts';
import { ATTEMPTS, BUDGET_MS } from '#core/time-budgets.ts';
import type { InvocationContext } from './api-event.ts';

export const attemptOptions: AttemptOptions = {
  clock: systemClock,
  attemptTimeoutMs: BUDGET_MS.attempt,
  attemptsMax: ATTEMPTS.max,
  sleep: (ms) => sleep(ms),
  random: Math.random,
};

/** Options of every AWS client: own retries only (see aws-attempts.ts), bounded connecting. */
export const CLIENT_OPTIONS = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: BUDGET_MS.connect },
} as const;

export function createDynamoClient(): DynamoDBClient {
  return new DynamoDBClient(CLIENT_OPTIONS);
}

/** Finds the queue by its name at whatever endpoint the environment names, not by its URL's host. */
export function createSqsClient(): SQSClient {
  return new SQSClient({ ...CLIENT_OPTIONS, useQueueUrlAsEndpoint: false });
}

/** Reads a variable of the function's environment; throws at start when it is missing. */
export function environment(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(`environment variable ${name} is not set; the stack sets it on this function`);
  }
  return value;
}

/** As `environment`, for a variable that the stack may leave out. */
export function optionalEnvironment(name: string): string | null {
  const value = process.env[name];
  return value === undefined || value === '' ? null : value;
}

export function currentRegion(): string {
  return environment('AWS_REGION');
}

/** Both Regions, the primary first. */
export function regionsOfEnvironment(): readonly string[] {
  return environment(ENVIRONMENT.regions).split(',');
}

export function routingPolicy(): RoutingPolicy {
  return oneOf(ENVIRONMENT.routingPolicy, ROUTING_POLICIES);
}

/** A variable with a closed set of values; throws at start when it has another. */
export function oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
  const value = environment(name);
  const choice = choices.find((one) => one === value);
  if (choice !== undefined) return choice;
  throw new Error(`environment variable ${name} must be one of ${choices.join(', ')}`);
}

/** A variable with a number of seconds, in milliseconds. */
export function durationMs(name: string): number {
  const seconds = Number(environment(name));
  if (Number.isFinite(seconds) && seconds >= 0) return seconds * 1_000;
  throw new Error(`environment variable ${name} must be a number of seconds, 0 or more`);
}

export function createFunctionTelemetry(service: string): Telemetry {
  return createTelemetry({
    service,
    region: currentRegion(),
    clock: systemClock,
    write: (line) => process.stdout.write(line),
  });
}

/** The deadline of an invocation: `budgetMs` from now, and never past the function's own time-out. */
export function deadlineOf(context: InvocationContext, budgetMs: number): Deadline {
  const leftMs = context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
  return { atEpochMs: systemClock.nowEpochMs() + Math.min(budgetMs, leftMs - BUDGET_MS.reserve) };
}
