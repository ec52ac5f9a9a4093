/** Requests that are nested deeper than DynamoDB, or a stack, allows. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EAST_1, serveTwin, THINGS, type TwinEndpoint } from './serve-dynamodb.ts';

let twin: TwinEndpoint;
beforeAll(async () => {
  twin = await serveTwin();
});
afterAll(() => twin.stop());

const KEY = '"p":{"S":"a"},"s":{"N":"1"}';

/** JSON of a value with so many levels, the innermost string included. */
function nested(levels: number): string {
  return `${'{"M":{"a":'.repeat(levels - 1)}{"S":"x"}${'}}'.repeat(levels - 1)}`;
}

const REQUESTS: Readonly<Record<string, (value: string) => string>> = {
  PutItem: (value) => `{"TableName":"things","Item":{${KEY},"v":${value}}}`,
  'PutItem by ARN': (value) =>
    `{"TableName":"arn:aws:dynamodb:${EAST_1}:${THINGS.accountId}:table/things",` +
    `"Item":{${KEY},"v":${value}}}`,
  BatchWriteItem: (value) =>
    `{"RequestItems":{"things":[{"PutRequest":{"Item":{${KEY},"v":${value}}}}]}}`,
  UpdateItem: (value) =>
    `{"TableName":"things","Key":{${KEY}},"UpdateExpression":"SET v = :v",` +
    `"ExpressionAttributeValues":{":v":${value}}}`,
  DeleteItem: (value) =>
    `{"TableName":"things","Key":{${KEY}},"ConditionExpression":"v = :v",` +
    `"ExpressionAttributeValues":{":v":${value}}}`,
  Scan: (value) =>
    `{"TableName":"things","FilterExpression":"v = :v",` +
    `"ExpressionAttributeValues":{":v":${value}}}`,
};

async function answerTo(name: string, levels: number) {
  const [operation = ''] = name.split(' ');
  const body = Buffer.from(REQUESTS[name]?.(nested(levels)) ?? '');
  const signal = new AbortController().signal;
  const call = { region: EAST_1, operation, headers: {}, url: '/', body, requestId: 'r', signal };
  twin.service.permissionsOf(call);
  const answer = await twin.service.handle(call);
  return { status: answer.status, body: String(answer.body) };
}

describe.each(Object.keys(REQUESTS))('%s', (name) => {
  it.each([33, 20_000])('rejects a value of %i levels', async (levels) => {
    const { status, body } = await answerTo(name, levels);
    expect(status).toBe(400);
    expect(body).toContain('ValidationException');
    expect(body).toContain('Nesting Levels have exceeded supported limits');
    expect(twin.reports).toEqual([]);
  });
});

describe.each(['PutItem', 'BatchWriteItem', 'UpdateItem'])('%s', (name) => {
  it('accepts a value of 32 levels', async () => {
    expect(await answerTo(name, 32)).toMatchObject({ status: 200 });
  });
});
