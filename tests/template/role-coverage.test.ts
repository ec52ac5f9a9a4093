/** The roles against the code: the AWS calls that a handler's modules hold, and what its role allows. */

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FUNCTION_JOBS, type FunctionJob, resourceNames } from '#contract/names.ts';
import { EVENTUAL, grantsOf, HTTP_GATEWAY } from './function-support.ts';
import { synthesized } from './support.ts';

const SOURCE = resolve(import.meta.dirname, '..', '..', 'src');
const LEASE_STORE = resolve(SOURCE, 'adapters', 'dynamo-lease-store.ts');

/** IAM prefixes of the services whose clients the code uses. */
const PREFIXES: Readonly<Record<string, string>> = {
  dynamodb: 'dynamodb',
  'secrets-manager': 'secretsmanager',
  sns: 'sns',
  sqs: 'sqs',
};

/** IAM actions whose name is not the operation's. Source: IAM service authorization reference. */
const ACTIONS: Readonly<Record<string, string>> = { 'lambda:Invoke': 'lambda:InvokeFunction' };

/** Lambda makes these calls with the function's role, no code of ours does: its pollers, and dead letters. */
const MADE_BY_LAMBDA: Readonly<Partial<Record<FunctionJob, readonly string[]>>> = {
  consume: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
  orchestrate: ['sqs:SendMessage'],
};

/**
 * Calls of modules that a handler loads for their other functions. Whoever makes one of them takes it off
 * here and adds it to the role.
 */
const LOADED_ONLY: Readonly<Record<FunctionJob, readonly string[]>> = {
  validate: [],
  // The store reads many journals for batches and refunds only.
  process: ['dynamodb:BatchGetItem'],
  // Accepting creates a journal; the ports for carrying on live in the same module.
  accept: [
    'dynamodb:BatchGetItem',
    'dynamodb:UpdateItem',
    'secretsmanager:GetSecretValue',
    'sns:Publish',
  ],
  consume: ['sqs:SendMessage'],
  // A refund finds its journal by a batch read and changes it; nothing is put.
  refund: ['dynamodb:GetItem', 'dynamodb:PutItem'],
  sweep: [],
  read: [],
  // The routing log's adapter can append too.
  health: ['dynamodb:PutItem'],
  orchestrate: [],
};

/** Every module that `entry` loads at run time, static and dynamic imports, itself included. */
function modulesOf(entry: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(entry)) return found;
  found.add(entry);
  const text = readFileSync(entry, 'utf8');
  const imports = /^(?:import|export) (?!type )[^;]*?from '([^']+)';|import\('([^']+)'\)/gm;
  for (const [, fixed, dynamic] of text.matchAll(imports)) {
    const name = fixed ?? dynamic ?? '';
    if (name.startsWith('#')) modulesOf(resolve(SOURCE, name.slice(1)), found);
    else if (name.startsWith('.')) modulesOf(resolve(dirname(entry), name), found);
  }
  return found;
}

/** IAM actions of the commands that a module makes. Source: IAM service authorization reference. */
function callsOf(module: string): readonly string[] {
  const text = readFileSync(module, 'utf8');
  return [...text.matchAll(/import \{([^}]+)\} from '@aws-sdk\/client-([\w-]+)';/g)].flatMap(
    ([, names = '', client = '']) =>
      [...names.matchAll(/\b(\w+)Command\b/g)].flatMap(([command, operation = '']) => {
        if (!text.includes(`new ${command}(`)) return [];
        // IAM knows the batch operations of SQS and SNS by the names of the single ones.
        const action =
          client === 'sqs' || client === 'sns' ? operation.replace(/Batch$/, '') : operation;
        const full = `${PREFIXES[client] ?? client}:${action}`;
        return [ACTIONS[full] ?? full];
      }),
  );
}

function sorted(actions: Iterable<string>): readonly string[] {
  return [...new Set(actions)].toSorted();
}

function without(actions: readonly string[], others: readonly string[]): readonly string[] {
  return actions.filter((action) => !others.includes(action));
}

describe.each(FUNCTION_JOBS)('the role of %s', (job) => {
  const modules = [...modulesOf(resolve(SOURCE, 'handlers', `${job}.ts`))];
  const calls = sorted(modules.filter((it) => it !== LEASE_STORE).flatMap(callsOf));
  const name = resourceNames('dev').functionName(job);
  const [stacks] = synthesized(HTTP_GATEWAY).regions;
  const template = job === 'orchestrate' ? stacks?.failover : stacks?.template;
  if (template === undefined) throw new Error('no template');
  const granted = sorted(
    grantsOf(template, name)
      .flatMap(({ actions }) => actions.map(String))
      .filter((action) => !action.startsWith('logs:')),
  );

  test('allows nothing that no code of the function calls', () => {
    expect(without(granted, calls)).toEqual(MADE_BY_LAMBDA[job] ?? []);
  });

  test('allows every call of its code, but for those that it only loads', () => {
    expect(without(calls, granted)).toEqual(LOADED_ONLY[job]);
  });
});

test('the lease needs what its store calls; only operators read it without taking it', () => {
  const control = /ControlTable\w+\.Arn/;
  const granted = grantsOf(synthesized(EVENTUAL).primary, 'payment-processor-dev')
    .filter(({ resources }) => control.test(JSON.stringify(resources)))
    .flatMap(({ actions }) => actions.map(String));
  expect(without(sorted(callsOf(LEASE_STORE)), granted)).toEqual(['dynamodb:GetItem']);
  expect(without(granted, callsOf(LEASE_STORE))).toEqual([]);
});

test('the code is read: the sweeper alone reaches the index of open payments', () => {
  const reaching = FUNCTION_JOBS.filter((job) =>
    modulesOf(resolve(SOURCE, 'handlers', `${job}.ts`)).has(
      resolve(SOURCE, 'adapters', 'dynamo-open-payments.ts'),
    ),
  );
  expect(reaching).toEqual(['sweep']);
});
