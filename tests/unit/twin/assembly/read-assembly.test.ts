import { describe, expect, it } from 'vitest';
import { readAssembly } from '#twin/assembly/read-assembly.ts';
import {
  functionRole,
  lambdaFunction,
  readResources,
  type StackOnDisk,
  writeAssembly,
} from './assembly-on-disk.ts';

const queue = (properties: object = {}) => ({ Type: 'AWS::SQS::Queue', Properties: properties });

function read(...stacks: StackOnDisk[]) {
  return readAssembly(writeAssembly(stacks));
}

describe('names', () => {
  it('derives the same names from the same assembly', () => {
    const resources = { Jobs: queue(), Role: functionRole(), Work: lambdaFunction() };
    const first = readResources(resources).region;
    const { model, region: second } = readResources(resources);
    expect(second.queues[0]?.name).toMatch(/^TapStack-Jobs-[a-z0-9]{8}$/);
    expect(second.functions[0]?.name).toMatch(/^TapStack-Work-[a-z0-9]{8}$/);
    expect(second.queues).toEqual(first.queues);
    expect(model.regions).toHaveLength(1);
  });

  it('derives other names in another Region', () => {
    const template = { Resources: { Jobs: queue(), Role: functionRole() } };
    const { regions } = read({ region: 'us-east-1', template }, { region: 'us-east-2', template });
    const names = regions.map((region) => [region.queues[0]?.name, region.roles[0]?.name]);
    expect(names[0]?.[0]).not.toBe(names[1]?.[0]);
    expect(names[0]?.[1]).not.toBe(names[1]?.[1]);
  });

  it('keeps a generated name within the limits of every type', () => {
    const { region } = readResources({ [`Jobs${'x'.repeat(120)}`]: queue() });
    expect(region.queues[0]?.name).toHaveLength(64);
  });

  it('allows one name in both Regions', () => {
    const template = { Resources: { Jobs: queue({ QueueName: 'jobs' }) } };
    const { regions } = read({ region: 'us-east-1', template }, { region: 'us-east-2', template });
    expect(regions.map((region) => region.queues[0]?.arn)).toEqual([
      'arn:aws:sqs:us-east-1:111111111111:jobs',
      'arn:aws:sqs:us-east-2:111111111111:jobs',
    ]);
  });

  it('rejects one name twice in a Region', () => {
    const one = queue({ QueueName: 'jobs' });
    expect(() => readResources({ A: one, B: one })).toThrow(
      /AWS::SQS::Queue .*jobs exists twice: TapStack\/A in us-east-1 and TapStack\/B in us-east-1/,
    );
  });

  it('rejects one role name in both Regions', () => {
    const template = { Resources: { Role: functionRole({ RoleName: 'processor' }) } };
    const stacks = ['us-east-1', 'us-east-2'].map((region) => ({ region, template }));
    expect(() => read(...stacks)).toThrow(/IAM names are global to the account: put the Region/);
  });
});

describe('references', () => {
  it('rejects resources that refer to one another in a circle, with the path', () => {
    const refer = (to: string) =>
      queue({ Tags: [{ Key: 'k', Value: { 'Fn::Sub': `\${${to}.Arn}` } }] });
    expect(() => readResources({ A: refer('B'), B: refer('C'), C: refer('A') })).toThrow(
      /TapStack: resources refer to one another in a circle: A → B → C → A/,
    );
  });

  it('rejects a circle through DependsOn', () => {
    const resources = {
      A: { ...queue(), DependsOn: ['B'] },
      B: queue({ Tags: [{ Key: 'k', Value: { Ref: 'A' } }] }),
    };
    expect(() => readResources(resources)).toThrow(/A → B → A/);
  });

  it('does not count the branch of Fn::If that is not taken', () => {
    const resources = {
      A: queue({ Tags: [{ Key: 'k', Value: { 'Fn::If': ['Never', { Ref: 'B' }, 'x'] } }] }),
      B: queue({ Tags: [{ Key: 'k', Value: { Ref: 'A' } }] }),
    };
    const { region } = readResources(resources, {
      Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
    });
    expect(region.queues).toHaveLength(2);
  });

  it('leaves out resources and outputs whose condition does not hold', () => {
    const { region } = readResources(
      { A: queue(), B: { ...queue(), Condition: 'Never' } },
      {
        Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
        Outputs: { It: { Condition: 'Never', Value: { Ref: 'B' } } },
      },
    );
    expect(region.queues).toHaveLength(1);
    expect(region.outputs).toEqual({});
  });
});

describe('exports', () => {
  const exporting = {
    Resources: { Jobs: queue({ QueueName: 'jobs' }) },
    Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Jobs', 'Arn'] }, Export: { Name: 'jobs-arn' } } },
  };
  const importing = {
    Resources: {},
    Outputs: { Arn: { Value: { 'Fn::ImportValue': { 'Fn::Join': ['-', ['jobs', 'arn']] } } } },
  };

  it('imports from a stack of the same Region, whichever comes first', () => {
    const { regions } = read(
      { stackName: 'Second', template: importing },
      { stackName: 'First', template: exporting },
    );
    expect(regions).toHaveLength(1);
    expect(regions[0]?.stackName).toBe('Second');
    expect(regions[0]?.outputs).toEqual({
      Arn: 'arn:aws:sqs:us-east-1:111111111111:jobs',
      'First.Arn': 'arn:aws:sqs:us-east-1:111111111111:jobs',
    });
  });

  it('rejects an import from another Region', () => {
    const stacks = [
      { region: 'us-east-2', template: importing },
      { region: 'us-east-1', template: exporting },
    ];
    expect(() => read(...stacks)).toThrow(/no stack in us-east-2 exports jobs-arn/);
  });

  it('rejects one export name twice in a Region', () => {
    const other = { ...exporting, Resources: { Jobs: queue({ QueueName: 'others' }) } };
    const stacks = [
      { stackName: 'First', template: exporting },
      { stackName: 'Second', template: other },
    ];
    expect(() => read(...stacks)).toThrow(/First and Second both export jobs-arn in us-east-1/);
  });

  it('rejects stacks that import from one another', () => {
    const stack = (stackName: string, own: string, others: string) => ({
      stackName,
      template: {
        Resources: {},
        Outputs: { It: { Value: { 'Fn::ImportValue': others }, Export: { Name: own } } },
      },
    });
    expect(() => read(stack('First', 'a', 'b'), stack('Second', 'b', 'a'))).toThrow(
      /in a circle: us-east-1\/First → us-east-1\/Second → us-east-1\/First/,
    );
  });
});

describe('what is not run', () => {
  const board = {
    Type: 'AWS::CloudWatch::Dashboard',
    Properties: { DashboardName: 'errors', DashboardBody: { 'Fn::Cidr': ['not', 'evaluated'] } },
  };

  it('is named by type, with its logical ids', () => {
    const { region } = readResources({
      B: board,
      A: { ...board, Properties: {} },
      Metadata: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'v2' } },
      Jobs: queue(),
    });
    expect(region.notRun).toEqual([{ type: 'AWS::CloudWatch::Dashboard', logicalIds: ['A', 'B'] }]);
  });

  it('has placeholders for those that refer to it', () => {
    const { region } = readResources(
      { Errors: board, Key: { Type: 'AWS::KMS::Key' } },
      {
        Outputs: {
          Name: { Value: { Ref: 'Errors' } },
          Arn: { Value: { 'Fn::GetAtt': ['Errors', 'Arn'] } },
          Other: { Value: { 'Fn::GetAtt': ['Errors', 'Color'] } },
          Key: { Value: { Ref: 'Key' } },
        },
      },
    );
    expect(region.outputs).toEqual({
      Name: 'errors',
      Arn: 'arn:aws:cloudwatch:us-east-1:111111111111:errors',
      Other: 'errors.Color',
      Key: expect.stringMatching(/^TapStack-Key-[a-z0-9]{8}$/),
    });
  });

  it('names properties that change behaviour, below their type', () => {
    const { region } = readResources({
      Role: functionRole({ PermissionsBoundary: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }),
      Work: lambdaFunction({
        Layers: ['arn:aws:lambda:us-east-1:111111111111:layer:x:1'],
        SnapStart: { ApplyOn: 'PublishedVersions' },
        Description: 'without effect',
        SomethingNew: true,
      }),
      Jobs: queue({ KmsMasterKeyId: 'alias/aws/sqs' }),
      Topic: { Type: 'AWS::SNS::Topic', Properties: { KmsMasterKeyId: 'alias/aws/sns' } },
      Subscription: {
        Type: 'AWS::SNS::Subscription',
        Properties: {
          TopicArn: { Ref: 'Topic' },
          Protocol: 'sqs',
          Endpoint: { 'Fn::GetAtt': ['Jobs', 'Arn'] },
          FilterPolicy: { kind: ['payment'] },
          DeliveryPolicy: { throttlePolicy: { maxReceivesPerSecond: 1 } },
        },
      },
    });
    expect(region.notRun.map(({ type }) => type)).toEqual([
      'AWS::IAM::Role.PermissionsBoundary',
      'AWS::Lambda::Function.Layers',
      'AWS::Lambda::Function.SnapStart',
      'AWS::Lambda::Function.SomethingNew',
      'AWS::SNS::Subscription.DeliveryPolicy',
      'AWS::SNS::Topic.KmsMasterKeyId',
      'AWS::SQS::Queue.KmsMasterKeyId',
    ]);
  });
});
