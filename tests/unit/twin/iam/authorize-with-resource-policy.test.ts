import { describe, expect, it } from 'vitest';
import type { Decision } from '#twin/iam/authorize.ts';
import {
  authorizeWithResourcePolicy,
  type Caller,
} from '#twin/iam/authorize-with-resource-policy.ts';
import type { PolicyDocument, PolicyStatement } from '#twin/region-model.ts';

const ROLE = 'arn:aws:iam::111111111111:role/payment-processor';
const QUEUE = 'arn:aws:sqs:us-east-1:111111111111:payment-queue';
const TOPIC = 'arn:aws:sns:us-east-1:111111111111:transactions';

const NOTHING: readonly PolicyDocument[] = [];
const MAY_SEND: readonly PolicyDocument[] = [
  document({ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE }),
];
const SNS: Caller = { kind: 'service', service: 'sns.amazonaws.com' };

function document(...Statement: PolicyStatement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement };
}

function role(policies: readonly PolicyDocument[]): Caller {
  return { kind: 'role', roleArn: ROLE, policies };
}

function send(Effect: 'Allow' | 'Deny', Principal: unknown): PolicyDocument {
  return document({ Effect, Principal, Action: 'sqs:SendMessage', Resource: QUEUE });
}

/** What CDK writes for a queue that enforces TLS. */
const TLS_ONLY = document({
  Effect: 'Deny',
  Principal: { AWS: '*' },
  Action: 'sqs:*',
  Resource: QUEUE,
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
});

/** What CDK writes for a topic that is subscribed to a queue. */
const FROM_TOPIC = document({
  Effect: 'Allow',
  Principal: { Service: 'sns.amazonaws.com' },
  Action: 'sqs:SendMessage',
  Resource: QUEUE,
  Condition: { ArnEquals: { 'aws:SourceArn': TOPIC } },
});

const rows: readonly {
  readonly name: string;
  readonly caller: Caller;
  readonly policy: PolicyDocument | null;
  readonly context?: Readonly<Record<string, string>>;
  readonly decision: Decision;
}[] = [
  { name: 'no policy at all', caller: role(NOTHING), policy: null, decision: 'implicit-deny' },
  { name: 'the role alone', caller: role(MAY_SEND), policy: null, decision: 'allowed' },
  {
    name: 'the queue alone, naming the role',
    caller: role(NOTHING),
    policy: send('Allow', { AWS: [ROLE] }),
    decision: 'allowed',
  },
  {
    name: 'the queue alone, naming everybody',
    caller: role(NOTHING),
    policy: send('Allow', '*'),
    decision: 'allowed',
  },
  {
    name: 'the queue alone, naming the account',
    caller: role(NOTHING),
    policy: send('Allow', { AWS: 'arn:aws:iam::111111111111:root' }),
    decision: 'implicit-deny',
  },
  {
    name: 'the queue naming another role',
    caller: role(NOTHING),
    policy: send('Allow', { AWS: `${ROLE}-2` }),
    decision: 'implicit-deny',
  },
  {
    name: 'a Deny of the account against the role',
    caller: role(MAY_SEND),
    policy: send('Deny', { AWS: '111111111111' }),
    decision: 'explicit-deny',
  },
  {
    name: 'a Deny of another account',
    caller: role(MAY_SEND),
    policy: send('Deny', { AWS: '222222222222' }),
    decision: 'allowed',
  },
  {
    name: 'a Deny with NotPrincipal, which is not read',
    caller: role(MAY_SEND),
    policy: document({ Effect: 'Deny', Action: 'sqs:*', Resource: '*' }),
    decision: 'explicit-deny',
  },
  {
    name: 'a Deny of plain HTTP over TLS',
    caller: role(MAY_SEND),
    policy: TLS_ONLY,
    context: { 'aws:securetransport': 'true' },
    decision: 'allowed',
  },
  {
    name: 'a Deny of plain HTTP over plain HTTP',
    caller: role(MAY_SEND),
    policy: TLS_ONLY,
    context: { 'aws:securetransport': 'false' },
    decision: 'explicit-deny',
  },
  {
    name: 'a service from the topic that the queue names',
    caller: SNS,
    policy: FROM_TOPIC,
    context: { 'aws:sourcearn': TOPIC },
    decision: 'allowed',
  },
  {
    name: 'a service from another topic',
    caller: SNS,
    policy: FROM_TOPIC,
    context: { 'aws:sourcearn': `${TOPIC}-2` },
    decision: 'implicit-deny',
  },
  {
    name: 'another service',
    caller: { kind: 'service', service: 'events.amazonaws.com' },
    policy: FROM_TOPIC,
    context: { 'aws:sourcearn': TOPIC },
    decision: 'implicit-deny',
  },
  {
    name: 'a role where the queue names a service',
    caller: role(NOTHING),
    policy: FROM_TOPIC,
    context: { 'aws:sourcearn': TOPIC },
    decision: 'implicit-deny',
  },
];

describe('authorizeWithResourcePolicy', () => {
  it.each(rows)('$name: $decision', ({ caller, policy, context = {}, decision }) => {
    const result = authorizeWithResourcePolicy({
      caller,
      resourcePolicy: policy,
      action: 'sqs:SendMessage',
      resourceArn: QUEUE,
      context,
    });
    expect(result.decision).toBe(decision);
  });

  it('says which kind of policy refused', () => {
    const result = authorizeWithResourcePolicy({
      caller: role(MAY_SEND),
      resourcePolicy: send('Deny', '*'),
      action: 'sqs:SendMessage',
      resourceArn: QUEUE,
      context: {},
    });
    expect(result.source).toBe('resource');
  });
});
