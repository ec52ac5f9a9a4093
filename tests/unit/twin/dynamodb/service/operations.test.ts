import { describe, expect, it } from 'vitest';
import { isRunOperation, operationInTarget, refusalOf } from '#twin/dynamodb/service/operations.ts';

describe('operationInTarget', () => {
  it.each([
    ['DynamoDB_20120810.PutItem', 'PutItem'],
    ['DynamoDBStreams_20120810.GetRecords', 'GetRecords'],
    ['AmazonSQS.SendMessage', null],
    ['DynamoDB_20120810.', null],
    [undefined, null],
  ])('reads %s as %s', (target, operation) => {
    expect(operationInTarget(target)).toBe(operation);
  });
});

describe('refusalOf', () => {
  it.each([
    ['TransactGetItems', 'ValidationException', 'multi-Region strong consistency (MRSC)'],
    ['UpdateTimeToLive', 'ValidationException', 'Time To Live is not supported'],
    ['ExecuteStatement', 'UnknownOperationException', 'PartiQL'],
    ['UpdateTable', 'UnknownOperationException', 'synthesized template'],
    ['GetRecords', 'UnknownOperationException', 'streams'],
    ['CreateBackup', 'UnknownOperationException', 'does not run this operation'],
  ])('rejects %s and says why', (operation, code, reason) => {
    expect(isRunOperation(operation)).toBe(false);
    const refusal = refusalOf(operation, true);
    expect(refusal).toMatchObject({ status: 400, code });
    expect(refusal.message).toContain(reason);
  });

  it.each([
    ['TransactWriteItems', 'does not run transactions'],
    ['UpdateTimeToLive', 'deletes no expired items'],
  ])('rejects %s of an eventually consistent table as its own limit', (operation, reason) => {
    const refusal = refusalOf(operation, false);
    expect(refusal.code).toBe('UnknownOperationException');
    expect(refusal.message).toContain(reason);
  });
});
