/** Experiments with AWS FIS: what they do, what stops them, and that nobody has them unasked. */

import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EVENTUAL } from './function-support.ts';
import { flat, type JsonObject, resourcesOf, synthesized, type Template } from './support.ts';

const REGIONS = ['us-east-1', 'us-east-2'];

function chaosOf(region: string, context: Readonly<Record<string, unknown>> = {}): Template {
  const { regions } = synthesized({ ...context, chaos: 'true' });
  const chaos = regions.find((it) => it.region === region)?.chaos;
  if (chaos === undefined || chaos === null) throw new Error(`no experiments in ${region}`);
  return chaos;
}

function rightsOf(template: Template): readonly JsonObject[] {
  return resourcesOf(template, 'AWS::IAM::Role')
    .flatMap(({ Properties }) => Properties['Policies'] as readonly JsonObject[])
    .flatMap((policy) => {
      const document = flat(policy['PolicyDocument']) as JsonObject;
      return document['Statement'] as readonly JsonObject[];
    });
}

describe.each(REGIONS)('in %s', (region) => {
  const tableArn = (name: string) =>
    `arn:aws:dynamodb:${region}:\${AWS::AccountId}:table/${name}-dev`;
  const tables = [tableArn('payments'), tableArn('payments-control')];

  test("the Region's replicas of both tables are cut off, until an invariant breaks", () => {
    const template = chaosOf(region);
    const [role] = resourcesOf(template, 'AWS::IAM::Role');
    const experiments = resourcesOf(template, 'AWS::FIS::ExperimentTemplate');
    expect(experiments.map((it) => flat(it.Properties))).toEqual([
      {
        Description: "Cuts this Region's replicas off, environment dev",
        RoleArn: `\${${role?.logicalId}.Arn}`,
        Targets: {
          tables: {
            ResourceType: 'aws:dynamodb:global-table',
            ResourceArns: tables,
            SelectionMode: 'ALL',
          },
        },
        Actions: {
          pause: {
            ActionId: 'aws:dynamodb:global-table-pause-replication',
            Parameters: { duration: 'PT10M' },
            Targets: { Tables: 'tables' },
          },
        },
        StopConditions: [
          {
            Source: 'aws:cloudwatch:alarm',
            Value: `arn:aws:cloudwatch:${region}:\${AWS::AccountId}:alarm:payment-invariant-dev`,
          },
        ],
        Tags: { Name: 'holdfast-region-isolated-dev' },
      },
    ]);
  });

  test('its role may do that to those tables, as their consistency needs it', () => {
    const both = tables.toSorted();
    expect(rightsOf(chaosOf(region))).toEqual([
      {
        Effect: 'Allow',
        Action: ['dynamodb:DescribeTable', 'dynamodb:InjectError'],
        Resource: both,
      },
    ]);
    expect(rightsOf(chaosOf(region, EVENTUAL))).toEqual([
      { Effect: 'Allow', Action: 'dynamodb:DescribeTable', Resource: both },
      { Effect: 'Allow', Action: 'dynamodb:InjectError', Resource: tables[1] },
      {
        Effect: 'Allow',
        Action: [
          'dynamodb:DeleteResourcePolicy',
          'dynamodb:GetResourcePolicy',
          'dynamodb:PutResourcePolicy',
        ],
        Resource: tables[0],
      },
    ]);
  });
});

test('nobody has experiments without asking for them', () => {
  const files = readdirSync(synthesized().outDir);
  expect(files.filter((name) => /chaos/i.test(name))).toEqual([]);
});
