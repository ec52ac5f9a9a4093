import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ACCOUNT,
  EAST,
  FUNCTION_KEY,
  OHIO,
  secretArn,
  startWorld,
  type World,
} from './secrets-world.ts';

const TOKEN = '11111111-2222-3333-4444-555555555555';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});

afterEach(async () => {
  await world.stop();
});

async function valueOf(SecretId: string, region = EAST): Promise<string | undefined> {
  const answer = await world.client(region).send(new GetSecretValueCommand({ SecretId }));
  return answer.SecretString;
}

async function put(SecretId: string, SecretString: string, region = EAST): Promise<void> {
  await world.client(region).send(new PutSecretValueCommand({ SecretId, SecretString }));
}

describe('GetSecretValue', () => {
  it.each([
    ['name', 'given'],
    ['ARN', secretArn('given')],
    ['ARN without its random end', secretArn('given').slice(0, -7)],
  ])('finds a secret by %s', async (_name, SecretId) => {
    const answer = await world.client(EAST).send(new GetSecretValueCommand({ SecretId }));
    expect(answer).toMatchObject({
      ARN: secretArn('given'),
      Name: 'given',
      SecretString: 'first',
      VersionStages: ['AWSCURRENT'],
      VersionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      CreatedDate: new Date(1_767_225_600_500),
    });
  });

  it('keeps the secrets of one Region out of the other', async () => {
    expect(await valueOf('given', OHIO)).toBe('of Ohio');
    await expect(valueOf(secretArn('given'), OHIO)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    });
  });

  it('gives the generated value, the same in the Region of a replica', async () => {
    const value = await valueOf('shared');
    expect(value).toMatch(/^[A-Za-z0-9]{20}$/);
    expect(await valueOf('shared', OHIO)).toBe(value);
    expect(await valueOf(secretArn('shared', OHIO), OHIO)).toBe(value);
  });

  it.each([
    ['a secret that is not there', { SecretId: 'no' }, /the specified secret\./],
    ['a secret without a value', { SecretId: 'empty' }, /staging label: AWSCURRENT/],
    ['a label that is nowhere', { SecretId: 'given', VersionStage: 'AWSPENDING' }, /AWSPENDING/],
    [
      'a version without the label',
      { SecretId: 'given', VersionId: TOKEN, VersionStage: 'AWSCURRENT' },
      /VersionId: 1111/,
    ],
    ['a version that is not there', { SecretId: 'given', VersionId: TOKEN }, /VersionId: 1111/],
  ])('rejects %s', async (_name, input, message) => {
    const asked = world.client(EAST).send(new GetSecretValueCommand(input));
    await expect(asked).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: expect.stringMatching(message),
      $metadata: { httpStatusCode: 400 },
    });
  });
});

describe('PutSecretValue', () => {
  it('makes the new value current and keeps the one before', async () => {
    const client = world.client(EAST);
    await put('given', 'second');
    const previous = { SecretId: 'given', VersionStage: 'AWSPREVIOUS' };
    const before = await client.send(new GetSecretValueCommand(previous));
    expect([await valueOf('given'), before.SecretString]).toEqual(['second', 'first']);
    const { VersionId = '' } = before;
    const byId = await client.send(new GetSecretValueCommand({ SecretId: 'given', VersionId }));
    expect(byId.SecretString).toBe('first');
  });

  it('stores binary values', async () => {
    const client = world.client(EAST);
    const SecretBinary = new Uint8Array([0, 255, 7]);
    await client.send(new PutSecretValueCommand({ SecretId: 'empty', SecretBinary }));
    const answer = await client.send(new GetSecretValueCommand({ SecretId: 'empty' }));
    expect(answer.SecretString).toBeUndefined();
    expect([...(answer.SecretBinary ?? [])]).toEqual([0, 255, 7]);
  });

  it('is idempotent by its token, and rejects another value for the same token', async () => {
    const client = world.client(EAST);
    const order = { SecretId: 'given', SecretString: 'second', ClientRequestToken: TOKEN };
    const first = await client.send(new PutSecretValueCommand(order));
    const again = await client.send(new PutSecretValueCommand(order));
    expect([first, again]).toMatchObject([
      { VersionId: TOKEN, VersionStages: ['AWSCURRENT'] },
      { VersionId: TOKEN, VersionStages: ['AWSCURRENT'] },
    ]);
    const other = client.send(new PutSecretValueCommand({ ...order, SecretString: 'third' }));
    await expect(other).rejects.toMatchObject({ name: 'ResourceExistsException' });
  });

  it('reaches the replica, once its Region can be reached', async () => {
    await put('shared', 'second');
    expect(await valueOf('shared', OHIO)).toBe('second');
    world.faults.inject({ region: OHIO, kind: 'isolate' });
    await put('shared', 'third');
    expect(await valueOf('shared', OHIO)).toBe('second');
    world.faults.heal();
    expect(await valueOf('shared', OHIO)).toBe('third');
  });

  it.each([
    ['a replica', { SecretId: 'shared', SecretString: 'x' }, OHIO, /primary secret's region/],
    ['no value', { SecretId: 'given' }, EAST, /either SecretString or SecretBinary/],
    [
      'a short token',
      { SecretId: 'given', SecretString: 'x', ClientRequestToken: 'x' },
      EAST,
      /32/,
    ],
    ['a long value', { SecretId: 'given', SecretString: 'x'.repeat(65_537) }, EAST, /65536 bytes/],
  ])('rejects %s', async (_name, input, region, message) => {
    const asked = world.client(region).send(new PutSecretValueCommand(input));
    await expect(asked).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringMatching(message),
    });
  });
});

describe('DescribeSecret and ListSecrets', () => {
  it('describe a secret with its versions and replicas, without its value', async () => {
    await put('shared', 'second');
    const value = await valueOf('shared');
    const client = world.client(EAST);
    const described = await client.send(new DescribeSecretCommand({ SecretId: 'shared' }));
    expect(described).toMatchObject({
      ARN: secretArn('shared'),
      Name: 'shared',
      Description: 'For both',
      PrimaryRegion: EAST,
      ReplicationStatus: [{ Region: OHIO, Status: 'InSync' }],
    });
    expect(Object.values(described.VersionIdsToStages ?? {})).toEqual([
      ['AWSPREVIOUS'],
      ['AWSCURRENT'],
    ]);
    expect(JSON.stringify(described)).not.toContain(value);
    const { $metadata: _metadata, ...replica } = await world
      .client(OHIO)
      .send(new DescribeSecretCommand({ SecretId: 'shared' }));
    expect(replica).toMatchObject({ ARN: secretArn('shared', OHIO), PrimaryRegion: EAST });
    expect(replica).not.toHaveProperty('ReplicationStatus');
  });

  it('list the secrets of the Region by name, page by page', async () => {
    const client = world.client(EAST);
    const first = await client.send(new ListSecretsCommand({ MaxResults: 2 }));
    const { NextToken } = first;
    const rest = await client.send(new ListSecretsCommand({ MaxResults: 2, NextToken }));
    const names = [first, rest].map(({ SecretList: list }) => list?.map(({ Name }) => Name));
    expect(names).toEqual([['empty', 'given'], ['shared']]);
    expect(rest.NextToken).toBeUndefined();
  });

  it('list the secrets whose name begins so', async () => {
    const Filters = [{ Key: 'name' as const, Values: ['gi', 'em'] }];
    const { SecretList: list } = await world.client(EAST).send(new ListSecretsCommand({ Filters }));
    expect(list?.map(({ Name }) => Name)).toEqual(['empty', 'given']);
    const byTag = [{ Key: 'tag-key' as const, Values: ['x'] }];
    await expect(
      world.client(EAST).send(new ListSecretsCommand({ Filters: byTag })),
    ).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});

describe('IAM and faults', () => {
  it.each([
    ['by name', 'given', secretArn('given')],
    ['by ARN without its random end', secretArn('given').slice(0, -7), secretArn('given')],
    ['of a secret that is not there', 'no', `arn:aws:secretsmanager:${EAST}:${ACCOUNT}:secret:no`],
  ])('ask for the whole ARN of a secret %s', async (_name, SecretId, resourceArn) => {
    const client = world.client(EAST, FUNCTION_KEY);
    const input = { SecretId, VersionStage: 'AWSCURRENT' };
    await client.send(new GetSecretValueCommand(input)).catch(() => {});
    expect(world.asked).toEqual([
      {
        action: 'secretsmanager:GetSecretValue',
        resourceArn,
        context: {
          'secretsmanager:secretid': SecretId,
          'secretsmanager:versionstage': 'AWSCURRENT',
        },
      },
    ]);
  });

  it('reject a function without the permission, in the words of AWS', async () => {
    world.decisions.set('secretsmanager:GetSecretValue', 'implicit-deny');
    const client = world.client(EAST, FUNCTION_KEY);
    await expect(
      client.send(new GetSecretValueCommand({ SecretId: 'given' })),
    ).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: arn:aws:sts::${ACCOUNT}:assumed-role/processor/payments is not authorized to perform: secretsmanager:GetSecretValue on resource: ${secretArn('given')} because no identity-based policy allows the secretsmanager:GetSecretValue action`,
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('ask for listing as a whole', async () => {
    await world.client(EAST, FUNCTION_KEY).send(new ListSecretsCommand({}));
    expect(world.asked).toEqual([{ action: 'secretsmanager:ListSecrets', resourceArn: '*' }]);
  });

  it.each([
    ['errors', 'InternalServiceError', 500],
    ['throttle', 'ThrottlingException', 400],
  ] as const)('answer %s of every service with %s', async (kind, name, httpStatusCode) => {
    world.faults.inject({ region: EAST, kind, rate: 1 });
    await expect(valueOf('given')).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
  });
});

describe('what is not served', () => {
  it.each([
    ['DeleteSecret', '{}', 'InvalidParameterException', /does not run secretsmanager:DeleteSecret/],
    ['GetSecretValue', '{', 'SerializationException', /not a JSON object/],
    [
      'GetSecretValue',
      '{"SecretId":"given","VersionId":1}',
      'InvalidParameterException',
      /must be texts/,
    ],
    ['GetSecretValue', '{}', 'InvalidParameterException', /SecretId is missing/],
  ])('rejects %s with %s', async (operation, body, type, message) => {
    const reply = await fetch(world.url, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=x/20260101/${EAST}/secretsmanager/aws4_request`,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `secretsmanager.${operation}`,
      },
      body,
    });
    expect(reply.status).toBe(400);
    expect(reply.headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(await reply.json()).toEqual({ __type: type, message: expect.stringMatching(message) });
  });
});

it('says nothing of a value to anybody who does not ask for it', async () => {
  const value = 'never to be told';
  world.decisions.set('secretsmanager:PutSecretValue', 'implicit-deny');
  const client = world.client(EAST, FUNCTION_KEY);
  const order = { SecretId: 'given', SecretString: value };
  const refused = await client.send(new PutSecretValueCommand(order)).catch(String);
  await put('given', value);
  const token = { ClientRequestToken: TOKEN };
  await world.client(EAST).send(new PutSecretValueCommand({ ...order, ...token }));
  const conflict = await world
    .client(EAST)
    .send(new PutSecretValueCommand({ ...order, ...token, SecretString: `${value}!` }))
    .catch(String);
  expect(JSON.stringify([refused, conflict, world.reports])).not.toContain(value);
  expect(world.reports).toHaveLength(1);
});
