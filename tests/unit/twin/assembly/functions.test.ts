import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { functionRole, lambdaFunction, readResources } from './assembly-on-disk.ts';

const WORK_ARN = 'arn:aws:lambda:us-east-1:111111111111:function:work';

function permission(properties: object = {}) {
  return {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: { 'Fn::GetAtt': ['Work', 'Arn'] },
      Principal: 'apigateway.amazonaws.com',
      ...properties,
    },
  };
}

/** A function with what is beside it. */
function readFunction(properties: object = {}, more: Readonly<Record<string, object>> = {}) {
  const { region } = readResources({
    Role: functionRole({ RoleName: 'worker' }),
    Work: lambdaFunction({ FunctionName: 'work', ...properties }),
    ...more,
  });
  return { region, work: region.functions.find(({ logicalId }) => logicalId === 'Work') };
}

describe('functions', () => {
  it('reads configuration, environment and the folder of the code', () => {
    const { work } = readFunction({
      Timeout: '30',
      MemorySize: 512,
      Environment: { Variables: { ROLE: { Ref: 'Role' }, LIMIT: 5 } },
    });
    expect(work).toMatchObject({
      name: 'work',
      arn: WORK_ARN,
      roleArn: 'arn:aws:iam::111111111111:role/worker',
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      timeoutSeconds: 30,
      memoryMb: 512,
      environment: { ROLE: 'worker', LIMIT: '5' },
    });
    expect(existsSync(join(work?.codeDirectory ?? '', 'index.mjs'))).toBe(true);
  });

  it("has Lambda's defaults", () => {
    expect(readFunction().work).toMatchObject({
      timeoutSeconds: 3,
      memoryMb: 128,
      environment: {},
      permissions: [],
    });
  });

  it.each([
    ['5', 5],
    [0, 0],
  ])('may have %j invocations at a time for itself', (ReservedConcurrentExecutions, reserved) => {
    const { region, work } = readFunction({ ReservedConcurrentExecutions });
    expect(work?.reservedConcurrency).toBe(reserved);
    expect(region.notRun).toEqual([]);
  });

  it('has nothing reserved where the template says nothing of it', () => {
    expect(readFunction().work).not.toHaveProperty('reservedConcurrency');
  });

  it.each([-1, 1.5])('rejects a reservation of %d', (ReservedConcurrentExecutions) => {
    expect(() => readFunction({ ReservedConcurrentExecutions })).toThrow(
      /Work.*ReservedConcurrentExecutions -?[\d.]+: Lambda takes whole numbers from 0/,
    );
  });

  it('has the permissions that name it, by ARN or by name', () => {
    const { work } = readFunction(
      {},
      {
        ByArn: permission({ SourceArn: 'arn:aws:execute-api:us-east-1:111111111111:a/*' }),
        ByName: permission({ FunctionName: 'work', Principal: 'events.amazonaws.com' }),
        Partial: permission({ FunctionName: '111111111111:function:work', Action: 'lambda:*' }),
      },
    );
    expect(work?.permissions).toEqual([
      {
        principal: 'apigateway.amazonaws.com',
        sourceArn: 'arn:aws:execute-api:us-east-1:111111111111:a/*',
      },
      { principal: 'events.amazonaws.com', sourceArn: null },
      { principal: 'apigateway.amazonaws.com', sourceArn: null },
    ]);
  });

  it('grants nothing by a permission that is narrower than it can tell', () => {
    const { work, region } = readFunction(
      {},
      {
        Url: permission({ Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' }),
        Organization: permission({ Principal: '*', PrincipalOrgID: 'o-1' }),
        Foreign: permission({ SourceAccount: '222222222222' }),
      },
    );
    expect(work?.permissions).toEqual([]);
    expect(region.notRun.map(({ type }) => type)).toContain(
      'AWS::Lambda::Permission.PrincipalOrgID',
    );
  });

  it('names a function of another runtime and does not run it', () => {
    const { work, region } = readFunction({ Runtime: 'python3.13' });
    expect(work).toBeUndefined();
    expect(region.notRun).toEqual([
      { type: 'AWS::Lambda::Function (python3.13)', logicalIds: ['Work'] },
    ]);
  });

  const rejected: readonly [name: string, properties: object, message: RegExp][] = [
    ['inline code', { Code: { ZipFile: 'x' } }, /inline code \(ZipFile\) is not supported/],
    [
      'code of no asset',
      { Code: { S3Bucket: 'b', S3Key: 'x.zip' } },
      /no asset manifest .* has the code x\.zip/,
    ],
    [
      'code in an archive',
      { Code: { S3Bucket: 'b', S3Key: 'archive.zip' } },
      /is the file .*asset\.archive\.zip/,
    ],
    [
      'code whose folder is missing',
      { Code: { S3Bucket: 'b', S3Key: 'gone.zip' } },
      /TapStack\/Work \(AWS::Lambda::Function\): the asset folder .*asset\.gone is missing/,
    ],
    ['no handler', { Handler: undefined }, /Handler is missing/],
    ['a timeout that is no number', { Timeout: 'long' }, /Timeout must be a number, not "long"/],
    [
      'a role of elsewhere',
      { Role: 'arn:aws:iam::111111111111:role/other' },
      /role arn:aws:iam::111111111111:role\/other is not part of the assembly/,
    ],
  ];
  it.each(rejected)('rejects %s', (_name, properties, message) => {
    expect(() => readFunction(properties)).toThrow(message);
  });

  it('rejects a role that does not trust Lambda', () => {
    const trust = { Service: 'apigateway.amazonaws.com' };
    const role = functionRole({
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Principal: trust, Action: 'sts:AssumeRole' }],
      },
    });
    expect(() => readFunction({}, { Role: role })).toThrow(
      /does not let lambda\.amazonaws\.com assume it/,
    );
  });

  it('rejects a permission on no function', () => {
    expect(() => readFunction({}, { Other: permission({ FunctionName: 'other' }) })).toThrow(
      /there is no function other in this Region/,
    );
  });
});

describe('roles', () => {
  const document = (Action: string, more: object = {}) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource: '*', ...more }],
  });
  const actionsOf = (resources: Readonly<Record<string, object>>, role: object = {}) => {
    const { region } = readResources({
      Role: functionRole({ RoleName: 'worker', ...role }),
      ...resources,
    });
    const policies = region.roles.flatMap(({ policies: found }) => found);
    return policies.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action));
  };

  it('has its inline, attached and managed policies', () => {
    const actions = actionsOf(
      {
        Policy: {
          Type: 'AWS::IAM::Policy',
          Properties: {
            PolicyName: 'p',
            PolicyDocument: document('sqs:a'),
            Roles: [{ Ref: 'Role' }],
          },
        },
        Managed: {
          Type: 'AWS::IAM::ManagedPolicy',
          Properties: { PolicyDocument: document('sqs:b'), Roles: ['worker'] },
        },
        ByArn: {
          Type: 'AWS::IAM::ManagedPolicy',
          Properties: { PolicyDocument: document('sqs:c') },
        },
      },
      {
        Policies: [{ PolicyName: 'inline', PolicyDocument: document('sqs:d') }],
        ManagedPolicyArns: [
          { Ref: 'ByArn' },
          { 'Fn::Sub': 'arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess' },
        ],
      },
    );
    expect(actions).toEqual(
      expect.arrayContaining(['sqs:a', 'sqs:b', 'sqs:c', 'sqs:d', 'xray:PutTraceSegments']),
    );
  });

  it('names managed policies and condition operators that it does not know', () => {
    const { region } = readResources({
      Role: functionRole({
        ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'],
        Policies: [
          {
            PolicyName: 'inline',
            PolicyDocument: document('sqs:a', { Condition: { StringSounds: { 'aws:x': 'y' } } }),
          },
        ],
      }),
    });
    expect(region.notRun.map(({ type }) => type)).toEqual([
      'AWS::IAM::Role.Condition (StringSounds)',
      'AWS::IAM::Role.ManagedPolicyArns (arn:aws:iam::aws:policy/AdministratorAccess)',
    ]);
  });

  it('has a path in its ARN', () => {
    const { region } = readResources({
      Role: functionRole({ RoleName: 'worker', Path: '/jobs/' }),
    });
    expect(region.roles[0]?.arn).toBe('arn:aws:iam::111111111111:role/jobs/worker');
  });

  it('rejects a policy on a role that is not there', () => {
    const policy = {
      Type: 'AWS::IAM::Policy',
      Properties: { PolicyName: 'p', PolicyDocument: document('sqs:a'), Roles: ['other'] },
    };
    expect(() => actionsOf({ Policy: policy })).toThrow(/role other is not part of the assembly/);
  });

  it.each([
    ['no effect', { Action: 'sqs:a', Resource: '*' }, /Effect is missing/],
    ['another effect', { Effect: 'Maybe', Action: 'sqs:a' }, /Effect must be Allow or Deny/],
    ['no action', { Effect: 'Allow', Resource: '*' }, /needs either Action or NotAction/],
    [
      'a condition that is a text',
      { Effect: 'Allow', Action: 'a', Condition: { Bool: 'x' } },
      /Bool is not an object/,
    ],
  ])('rejects a statement with %s', (_name, statement, message) => {
    const policies = [{ PolicyName: 'inline', PolicyDocument: { Statement: [statement] } }];
    expect(() => actionsOf({}, { Policies: policies })).toThrow(message);
  });
});
