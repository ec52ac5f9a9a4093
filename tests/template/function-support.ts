/** What the templates say of a function: its properties, its variables, and what its role allows. */

import { expect } from 'vitest';
import {
  flat,
  type Json,
  type JsonObject,
  listOf,
  type Resource,
  resourceNamed,
  resourcesOf,
  type Template,
  textOf,
} from './support.ts';

export interface Grant {
  readonly actions: readonly Json[];
  readonly resources: readonly Json[];
  readonly condition?: Json;
}

/** Payments of no real gateway, at a gateway, and with eventual consistency. */
export const STRONG = {};
export const EVENTUAL = { consistency: 'eventual' };
export const HTTP_GATEWAY = { gateway: 'http', gatewayUrl: 'https://gateway.example.com/v1' };

export function functionOf(
  template: Template,
  name: string,
): Resource & { readonly logicalId: string } {
  return resourceNamed(template, 'AWS::Lambda::Function', 'FunctionName', name);
}

/** The function's environment, with references written out. */
export function variablesOf(template: Template, name: string): JsonObject {
  const environment = functionOf(template, name).Properties['Environment'] as JsonObject;
  return flat(environment['Variables']) as JsonObject;
}

/** What the role of a function allows. Fails when rights come from anywhere but its inline policy. */
export function grantsOf(template: Template, name: string): readonly Grant[] {
  const roleArn = textOf(functionOf(template, name).Properties['Role']);
  const role = template.Resources[roleArn.slice(2, -'.Arn}'.length)];
  if (role === undefined) throw new Error(`no role ${roleArn}`);
  expect(role.Type).toBe('AWS::IAM::Role');
  expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
  const policies = role.Properties['Policies'] as readonly JsonObject[];
  return policies.flatMap((policy) => {
    const document = policy['PolicyDocument'] as JsonObject;
    return listOf(document['Statement']).map((statement) => {
      const { Action, Resource, Effect, Condition } = statement as JsonObject;
      expect(Effect).toBe('Allow');
      return {
        actions: listOf(Action),
        resources: listOf(flat(Resource)),
        ...(Condition === undefined ? {} : { condition: Condition }),
      };
    });
  });
}

/** The ARN of a table's replica in the stack's own Region, as the stack writes it. */
export function tableArnIn(region: string, template: Template, tableName: string): string {
  const table = resourcesOf(template, 'AWS::DynamoDB::GlobalTable').find(
    (it) => it.Properties['TableName'] === tableName,
  );
  return table === undefined
    ? `arn:aws:dynamodb:${region}:\${AWS::AccountId}:table/${tableName}`
    : `\${${table.logicalId}.Arn}`;
}

/** Reference to a topic, a queue or a secret by its name: what `flat` makes of Ref. */
export function referenceTo(
  template: Template,
  kind: 'topic' | 'queue' | 'secret',
  name: string,
): string {
  const [type, property] = {
    topic: ['AWS::SNS::Topic', 'TopicName'],
    queue: ['AWS::SQS::Queue', 'QueueName'],
    secret: ['AWS::SecretsManager::Secret', 'Name'],
  }[kind] as [string, string];
  return `\${${resourceNamed(template, type, property, name).logicalId}}`;
}
