import { describe, expect, it } from 'vitest';
import { createAuthorizer } from '#twin/iam/create-authorizer.ts';
import { resourcePolicies } from '#twin/iam/resource-policies.ts';
import type { PolicyStatement, RoleModel } from '#twin/region-model.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:111111111111:table/payments';
const QUEUE = 'arn:aws:sqs:us-east-1:111111111111:payment-queue';

function role(name: string, ...statements: PolicyStatement[]): RoleModel {
  const arn = `arn:aws:iam::111111111111:role/${name}`;
  return { name, arn, policies: [{ Version: '2012-10-17', Statement: statements }] };
}

const reader = role('reader', { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: TABLE });

function readWhen(condition: NonNullable<PolicyStatement['Condition']>): RoleModel {
  return role('conditional', {
    Effect: 'Allow',
    Action: 'dynamodb:GetItem',
    Resource: '*',
    Condition: condition,
  });
}

const READ = { action: 'dynamodb:GetItem', resourceArn: TABLE };

describe('createAuthorizer', () => {
  it('decides by the policies of the role that asks', () => {
    const { permits } = createAuthorizer([reader, role('nobody')]);
    expect(permits(reader.arn, READ).decision).toBe('allowed');
    expect(permits(role('nobody').arn, READ).decision).toBe('implicit-deny');
    expect(permits(reader.arn, { ...READ, action: 'dynamodb:PutItem' }).decision).toBe(
      'implicit-deny',
    );
  });

  it('rejects a role that it does not know', () => {
    const { permits } = createAuthorizer([reader]);
    expect(permits('arn:aws:iam::111111111111:role/other', READ).decision).toBe('implicit-deny');
  });

  it('gives a remembered decision for the same question only', () => {
    const { permits } = createAuthorizer([
      readWhen({ 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['a', 'b'] } }),
    ]);
    const ask = (...keys: string[]) =>
      permits(readWhen({}).arn, { ...READ, context: { 'dynamodb:leadingkeys': keys } });
    const first = ask('a');
    expect(first.decision).toBe('allowed');
    expect(ask('a')).toBe(first);
    expect(ask('c').decision).toBe('implicit-deny');
    expect(ask('a', 'c').decision).toBe('implicit-deny');
    expect(ask('a')).toBe(first);
  });

  it('remembers one decision for all values of a key that no policy mentions', () => {
    const { permits } = createAuthorizer([reader]);
    const ask = (key: string) =>
      permits(reader.arn, { ...READ, context: { 'dynamodb:leadingkeys': [key] } });
    expect(ask('a')).toBe(ask('b'));
  });

  it('forgets the oldest decision when it may hold no more', () => {
    const { permits } = createAuthorizer([reader], { cacheEntriesMax: 2 });
    const ask = (name: string) => permits(reader.arn, { ...READ, resourceArn: `${TABLE}-${name}` });
    const oldest = ask('1');
    const newer = ask('2');
    ask('3');
    expect(ask('2')).toBe(newer);
    expect(ask('1')).not.toBe(oldest);
    expect(ask('1')).toEqual(oldest);
  });

  it('stands for endpoints over TLS', () => {
    const queue = {
      arn: QUEUE,
      name: 'payment-queue',
      url: '',
      attributes: {},
      policy: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: 'sqs:*',
            Resource: QUEUE,
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    };
    const sender = role('sender', { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE });
    const { permits } = createAuthorizer([sender], {
      resourcePolicies: resourcePolicies({ queues: [queue], topics: [] }),
    });
    const send = { action: 'sqs:SendMessage', resourceArn: QUEUE };
    expect(permits(sender.arn, send).decision).toBe('allowed');
    expect(
      permits(sender.arn, { ...send, context: { 'aws:securetransport': 'false' } }),
    ).toMatchObject({ decision: 'explicit-deny', source: 'resource' });
  });

  it('applies a resource policy to its own resource only', () => {
    const { permits } = createAuthorizer([role('nobody')], {
      resourcePolicies: new Map([
        [
          QUEUE,
          {
            Statement: [
              { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' },
            ],
          },
        ],
      ]),
    });
    const ask = (resourceArn: string) =>
      permits(role('nobody').arn, { action: 'sqs:SendMessage', resourceArn }).decision;
    expect(ask(QUEUE)).toBe('allowed');
    expect(ask(`${QUEUE}-2`)).toBe('implicit-deny');
  });

  it('knows the Region, the account and the principal of a request', () => {
    const conditional = readWhen({
      StringEquals: { 'aws:RequestedRegion': 'us-east-1', 'aws:ResourceAccount': '111111111111' },
      ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111111111111:role/conditional' },
      Bool: { 'aws:ViaAWSService': 'false' },
    });
    const { permits } = createAuthorizer([conditional]);
    expect(permits(conditional.arn, READ).decision).toBe('allowed');
    const elsewhere = { ...READ, resourceArn: TABLE.replace('us-east-1', 'us-east-2') };
    expect(permits(conditional.arn, elsewhere).decision).toBe('implicit-deny');
  });

  it('decides by the time of the request, not of the first one', () => {
    let nowEpochMs = Date.parse('2026-01-01T00:00:00Z');
    const until = readWhen({ DateLessThan: { 'aws:CurrentTime': '2026-01-02T00:00:00Z' } });
    const { permits } = createAuthorizer([until], { nowEpochMs: () => nowEpochMs });
    expect(permits(until.arn, READ).decision).toBe('allowed');
    nowEpochMs = Date.parse('2026-01-03T00:00:00Z');
    expect(permits(until.arn, READ).decision).toBe('implicit-deny');
  });
});
