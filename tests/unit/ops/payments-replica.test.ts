import {
  BatchGetItemCommand,
  type DynamoDBClient,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { firstAnswer } from '#ops/connect.ts';
import { reasonOf } from '#ops/ops-error.ts';
import { createPaymentsReplica } from '#ops/payments-replica.ts';
import { EAST_1, EAST_2, environmentOf, type Item, lostRegion } from './dynalite-environment.ts';

function itemOf(id: string, timestamp: number): Item {
  return { transaction_id: { S: id }, timestamp: { N: String(timestamp) } };
}

/** A replica whose client answers each command of a kind with the next of its answers. */
function replicaOver(answers: ReadonlyMap<object, object[]>, slept: number[] = []) {
  const asked: object[] = [];
  const send = async (command: { readonly input: object }): Promise<object> => {
    asked.push(command.input);
    const answer = answers.get(command.constructor)?.shift();
    if (answer === undefined) throw new Error(`unexpected ${command.constructor.name}`);
    return answer;
  };
  const connection = { ...lostRegion(EAST_1), dynamodb: { send } as unknown as DynamoDBClient };
  const replica = createPaymentsReplica(connection, environmentOf([connection], slept));
  return { replica, asked };
}

describe('a replica of the payments table', () => {
  it('keeps a transaction whole that the end of a page cuts, and leaves the probe out', async () => {
    const pages = [
      { Items: [itemOf('a', 0), itemOf('b', 0)], LastEvaluatedKey: itemOf('b', 0) },
      { Items: [], LastEvaluatedKey: itemOf('b', 0) },
      { Items: [itemOf('b', 7), itemOf(' health-probe', 0), itemOf('c', 0)] },
    ];
    const { replica, asked } = replicaOver(new Map([[ScanCommand, pages]]));
    const found: string[] = [];
    for await (const { transactionId, items } of replica.transactions()) {
      found.push(`${transactionId} ${items.length}`);
    }
    expect(found).toEqual(['a 1', 'b 2', 'c 1']);
    expect(asked).toMatchObject([
      { ConsistentRead: true },
      { ExclusiveStartKey: itemOf('b', 0) },
      { ExclusiveStartKey: itemOf('b', 0) },
    ]);
  });

  it('reads all pages of one transaction', async () => {
    const pages = [
      { Items: [itemOf('a', 0)], LastEvaluatedKey: itemOf('a', 0) },
      { Items: [itemOf('a', 7)] },
    ];
    const { replica } = replicaOver(new Map([[QueryCommand, pages]]));
    expect((await replica.read('a')).items).toEqual([itemOf('a', 0), itemOf('a', 7)]);
  });

  it('asks again for the keys that DynamoDB left unprocessed', async () => {
    const name = 'payments-dev';
    const answers = [
      {
        Responses: { [name]: [itemOf('a', 0)] },
        UnprocessedKeys: { [name]: { Keys: [itemOf('b', 0)] } },
      },
      { Responses: { [name]: [itemOf('b', 0)] } },
    ];
    const slept: number[] = [];
    const { replica, asked } = replicaOver(new Map([[BatchGetItemCommand, answers]]), slept);
    const read = await replica.readSame([itemOf('a', 0), itemOf('b', 0)]);
    expect(read).toEqual([itemOf('a', 0), itemOf('b', 0)]);
    expect(asked[1]).toEqual({
      RequestItems: { [name]: { Keys: [itemOf('b', 0)], ConsistentRead: true } },
    });
    expect(slept).toEqual([50]);
  });
});

describe('firstAnswer', () => {
  it('asks the next Region when one does not answer, and names all when none does', async () => {
    const regions = [lostRegion(EAST_1), lostRegion(EAST_2)];
    const environment = environmentOf(regions);
    const read = async (connection: (typeof regions)[number]) => {
      if (connection.region === EAST_2) return 'here';
      return createPaymentsReplica(connection, environment).read('a');
    };
    expect(await firstAnswer('it', regions, read)).toMatchObject({ answer: 'here' });
    const all = firstAnswer('payments', regions, (connection) =>
      createPaymentsReplica(connection, environment).read('a'),
    );
    await expect(all).rejects.toMatchObject({
      kind: 'fault',
      message: expect.stringMatching(
        /no Region answers for payments \(us-east-1: .*; us-east-2: /,
      ) as string,
    });
  });

  it('hides no defect behind the next Region', async () => {
    const defect = async () => Promise.reject(new TypeError('defect'));
    await expect(firstAnswer('it', [lostRegion(EAST_1)], defect)).rejects.toThrow(TypeError);
  });
});

describe('reasonOf', () => {
  it.each([
    ['ResourceNotFoundException', 'check suffix and Regions'],
    ['QueueDoesNotExist', 'check suffix and Regions'],
    ['AccessDeniedException', 'do not allow it'],
    ['CredentialsProviderError', 'sign in'],
  ])('says how to mend %s, however deep it lies', (name, mend) => {
    const cause = Object.assign(new Error('x'), { name });
    expect(reasonOf(new Error('outer', { cause }))).toContain(mend);
  });
});
