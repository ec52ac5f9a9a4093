import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, type Names, NO_VALUE } from '#twin/assembly/template/evaluate.ts';
import { evaluateOutputs } from './assembly-on-disk.ts';

const template = {
  Parameters: {
    Suffix: { Type: 'String', Default: 'dev' },
    Zones: { Type: 'CommaDelimitedList', Default: 'a, b,c' },
    Bootstrap: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk/version' },
    Required: { Type: 'String' },
  },
  Mappings: { Sizes: { 'us-east-1': { memory: '512', zones: ['x', 'y'] } } },
  Conditions: {
    IsDev: { 'Fn::Equals': [{ Ref: 'Suffix' }, 'dev'] },
    IsNotDev: { 'Fn::Not': [{ Condition: 'IsDev' }] },
    Both: { 'Fn::And': [{ Condition: 'IsDev' }, { Condition: 'IsNotDev' }] },
    Either: { 'Fn::Or': [{ Condition: 'IsDev' }, { Condition: 'IsNotDev' }] },
    Number: { 'Fn::Equals': [1, '1'] },
  },
  Resources: {
    Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs' } },
    Gone: { Type: 'AWS::SQS::Queue', Condition: 'IsNotDev' },
  },
};

function outputOf(expression: unknown): string | undefined {
  return evaluateOutputs({ It: expression }, template)['It'];
}

const QUEUE_ARN = 'arn:aws:sqs:us-east-1:111111111111:jobs';

describe('intrinsic functions', () => {
  const rows: readonly [name: string, expression: unknown, value: string][] = [
    ['a string', 'plain', 'plain'],
    ['a number', 3, '3'],
    ['Ref of a parameter', { Ref: 'Suffix' }, 'dev'],
    [
      'Ref of a resource',
      { Ref: 'Queue' },
      'https://sqs.us-east-1.amazonaws.com/111111111111/jobs',
    ],
    ['Ref of AWS::Region', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['Ref of AWS::AccountId', { Ref: 'AWS::AccountId' }, '111111111111'],
    ['Ref of AWS::Partition', { Ref: 'AWS::Partition' }, 'aws'],
    ['Ref of AWS::StackName', { Ref: 'AWS::StackName' }, 'TapStack'],
    ['Ref of AWS::URLSuffix', { Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
    ['Fn::GetAtt', { 'Fn::GetAtt': ['Queue', 'Arn'] }, QUEUE_ARN],
    ['Fn::GetAtt as text', { 'Fn::GetAtt': 'Queue.Arn' }, QUEUE_ARN],
    ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'Suffix' }, 3]] }, 'a-dev-3'],
    ['Fn::Join of a list parameter', { 'Fn::Join': ['|', { Ref: 'Zones' }] }, 'a|b|c'],
    [
      'Fn::Join without AWS::NoValue',
      { 'Fn::Join': ['-', ['a', { Ref: 'AWS::NoValue' }, 'b']] },
      'a-b',
    ],
    ['Fn::Sub', { 'Fn::Sub': '${AWS::Region}/${Suffix}/${Queue.QueueName}' }, 'us-east-1/dev/jobs'],
    ['Fn::Sub of a literal', { 'Fn::Sub': '${!Suffix} ${ Suffix }' }, '${Suffix} dev'],
    [
      'Fn::Sub with a map',
      { 'Fn::Sub': ['${Suffix}-${Mine}', { Mine: { 'Fn::GetAtt': ['Queue', 'QueueName'] } }] },
      'dev-jobs',
    ],
    ['Fn::Select', { 'Fn::Select': ['1', { Ref: 'Zones' }] }, 'b'],
    [
      'Fn::Split',
      { 'Fn::Select': [5, { 'Fn::Split': [':', { 'Fn::GetAtt': ['Queue', 'Arn'] }] }] },
      'jobs',
    ],
    ['Fn::FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'memory'] }, '512'],
    [
      'Fn::FindInMap of a list',
      { 'Fn::Select': [1, { 'Fn::FindInMap': ['Sizes', 'us-east-1', 'zones'] }] },
      'y',
    ],
    ['Fn::If that holds', { 'Fn::If': ['IsDev', 'yes', { Ref: 'Gone' }] }, 'yes'],
    ['Fn::If that does not', { 'Fn::If': ['IsNotDev', { Ref: 'Gone' }, 'no'] }, 'no'],
    ['Fn::And', { 'Fn::If': ['Both', 'yes', 'no'] }, 'no'],
    ['Fn::Or', { 'Fn::If': ['Either', 'yes', 'no'] }, 'yes'],
    ['Fn::Equals of a number and its text', { 'Fn::If': ['Number', 'yes', 'no'] }, 'yes'],
    ['Fn::GetAZs', { 'Fn::Join': [',', { 'Fn::GetAZs': '' }] }, 'us-east-1a,us-east-1b,us-east-1c'],
    [
      'Fn::GetAZs of another Region',
      { 'Fn::Select': [0, { 'Fn::GetAZs': 'us-west-2' }] },
      'us-west-2a',
    ],
    ['Fn::Base64', { 'Fn::Base64': { Ref: 'Suffix' } }, 'ZGV2'],
  ];
  it.each(rows)('evaluates %s', (_name, expression, value) => {
    expect(outputOf(expression)).toBe(value);
  });

  const wrong: readonly [name: string, expression: unknown, message: RegExp][] = [
    ['a reference to nothing', { Ref: 'Nothing' }, /Nothing is neither a parameter nor a resource/],
    ['a reference to what is not created', { Ref: 'Gone' }, /Gone is neither/],
    ['an attribute of nothing', { 'Fn::GetAtt': ['Nothing', 'Arn'] }, /no resource Nothing/],
    [
      'an attribute that a type does not have',
      { 'Fn::GetAtt': ['Queue', 'Color'] },
      /TapStack\/Queue \(AWS::SQS::Queue\): the twin has no attribute Color/,
    ],
    ['a parameter of the parameter store', { Ref: 'Bootstrap' }, /SSM parameter store/],
    ['a parameter without a default', { Ref: 'Required' }, /Required: it has no default/],
    [
      'an unknown mapping',
      { 'Fn::FindInMap': ['Sizes', 'us-east-9', 'memory'] },
      /Sizes has no us-east-9/,
    ],
    ['an unknown condition', { 'Fn::If': ['Nothing', 1, 2] }, /condition Nothing does not exist/],
    ['an entry beyond a list', { 'Fn::Select': [3, { Ref: 'Zones' }] }, /can't take entry 3 of 3/],
    [
      'a list where a string must stand',
      { 'Fn::Join': [',', [['a']]] },
      /\["a"\] stands where a string/,
    ],
    [
      'a function that it does not read',
      { 'Fn::Cidr': ['10.0.0.0/16', 1, 8] },
      /doesn't read Fn::Cidr/,
    ],
    ['a function beside other keys', { Ref: 'Suffix', Other: 1 }, /Ref must stand alone/],
    ['a malformed Fn::Sub', { 'Fn::Sub': ['a'] }, /Fn::Sub takes a string/],
    ['a dynamic reference', '{{resolve:ssm:/name}}', /can't resolve \{\{resolve:ssm:\/name\}\}/],
    [
      'a dynamic reference in pieces',
      { 'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'Suffix' }, '}}']] },
      /can't resolve \{\{resolve:secretsmanager:dev\}\}/,
    ],
    [
      'an import that nobody exports',
      { 'Fn::ImportValue': 'Nothing' },
      /no stack in us-east-1 exports Nothing/,
    ],
  ];
  it.each(wrong)('rejects %s', (_name, expression, message) => {
    expect(() => outputOf(expression)).toThrow(message);
  });

  it('rejects conditions that refer to themselves, with the path', () => {
    const conditions = {
      A: { 'Fn::Not': [{ Condition: 'B' }] },
      B: { 'Fn::Not': [{ Condition: 'A' }] },
    };
    expect(() => evaluateOutputs({}, { Conditions: conditions })).toThrow(/A → B → A/);
  });

  it('rejects a condition that is none', () => {
    const conditions = { A: { 'Fn::Equals': ['a'] } };
    expect(() => evaluateOutputs({}, { Conditions: conditions })).toThrow(/takes two values/);
  });
});

describe('evaluate', () => {
  const names: Names = {
    region: 'us-east-1',
    ref: (name) => (name === 'AWS::NoValue' ? NO_VALUE : `<${name}>`),
    attribute: (logicalId, attribute) => `<${logicalId}.${attribute}>`,
    condition: (name) => name === 'Yes',
    mapping: () => undefined,
    importValue: (name) => `<${name}>`,
  };
  const text = fc.string().filter((value) => !value.includes('{{resolve:'));

  it('takes away properties and list entries that have no value', () => {
    const value = {
      kept: [1, { Ref: 'AWS::NoValue' }, 2],
      gone: { 'Fn::If': ['No', 'a', { Ref: 'AWS::NoValue' }] },
    };
    expect(evaluate(value, names, 'here')).toEqual({ kept: [1, 2] });
  });

  it('leaves data without functions as it is', () => {
    const json = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('{{resolve:'));
    const data = json.filter((value) => !/"(Ref|Fn::[^"]*)":/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(data, (value) => {
        expect(evaluate(value, names, 'here')).toEqual(value);
      }),
    );
  });

  it('splits what it joined', () => {
    const piece = text.filter((value) => !value.includes('|'));
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1 }), (pieces) => {
        const joined = { 'Fn::Split': ['|', { 'Fn::Join': ['|', pieces] }] };
        expect(evaluate(joined, names, 'here')).toEqual(pieces);
      }),
    );
  });

  it('substitutes as it joins', () => {
    const literal = text.filter((value) => !value.includes('$') && !value.includes('}'));
    fc.assert(
      fc.property(literal, literal, (before, after) => {
        const sub = evaluate({ 'Fn::Sub': `${before}\${Name}${after}` }, names, 'here');
        const join = evaluate(
          { 'Fn::Join': ['', [before, { Ref: 'Name' }, after]] },
          names,
          'here',
        );
        expect(sub).toBe(join);
      }),
    );
  });
});
