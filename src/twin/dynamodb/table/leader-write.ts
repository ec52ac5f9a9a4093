/**
 * One write on the leader's engine, and the state in which it leaves the item.
 *
 * The other replicas receive that state, never the request: conditions and arithmetic are
 * evaluated once.
 */

import { type EngineAnswer, EngineFailure, type StorageEngine } from '../engine/storage-engine.ts';
import { validationFault } from '../wire-fault.ts';
import type { Attributes } from './item-key.ts';
import { pathThroughNull } from './update-path.ts';

export interface ItemWrite {
  /** Region of the caller. */
  readonly region: string;
  readonly operation: 'PutItem' | 'UpdateItem' | 'DeleteItem';
  /** From `readItemKey`. */
  readonly id: string;
  readonly keyJson: string;
  /** The request, parsed and as it came. `TableName` is the plain name in both. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

export type LeaderOutcome =
  /** The engine refused; nothing has changed. */
  | { readonly kind: 'refused'; readonly answer: EngineAnswer }
  | {
      readonly kind: 'written';
      readonly answer: EngineAnswer;
      /** The item after the write, JSON; null when it is gone. */
      readonly itemJson: string | null;
    };

const EMPTY_ANSWER: EngineAnswer = { status: 200, body: Buffer.from('{}') };

/**
 * Runs `write`. The caller holds the item's lock.
 * Throws `EngineFailure` (outcome unknown unless it says otherwise) and validation `WireFault`s.
 */
export async function writeOnLeader(
  engine: StorageEngine,
  write: ItemWrite,
): Promise<LeaderOutcome> {
  if (write.operation === 'UpdateItem') return updateOnLeader(engine, write);
  const answer = await answered(engine, write.operation, write.body);
  if (answer.status !== 200) return refused(engine, write, answer);
  const itemJson = write.operation === 'PutItem' ? JSON.stringify(write.request['Item']) : null;
  return { kind: 'written', answer, itemJson };
}

/** The item now, JSON, or null. Throws `EngineFailure`. */
export async function readItemJson(
  engine: StorageEngine,
  tableName: string,
  keyJson: string,
): Promise<string | null> {
  const body = `{"TableName":${JSON.stringify(tableName)},"Key":${keyJson},"ConsistentRead":true}`;
  const answer = await answered(engine, 'GetItem', body);
  const text = answer.body.toString();
  if (answer.status !== 200) {
    throw new EngineFailure(`The storage engine refused a read: ${text}`, 'unknown');
  }
  return memberJson(text, 'Item');
}

async function updateOnLeader(engine: StorageEngine, write: ItemWrite): Promise<LeaderOutcome> {
  const { request } = write;
  const wanted = request['ReturnValues'] ?? 'NONE';
  const before = await readBefore(engine, write);
  const asksMore = request['ReturnConsumedCapacity'] ?? request['ReturnItemCollectionMetrics'];

  if (wanted === 'NONE' && asksMore === undefined) {
    const answer = await answered(engine, 'UpdateItem', askingForAllNew(write));
    if (answer.status !== 200) return refused(engine, write, answer);
    const itemJson = memberJson(answer.body.toString(), 'Attributes');
    return { kind: 'written', answer: EMPTY_ANSWER, itemJson };
  }

  const answer = await answered(engine, 'UpdateItem', write.body);
  if (answer.status !== 200) return refused(engine, write, answer);
  if (wanted === 'ALL_NEW') {
    return { kind: 'written', answer, itemJson: memberJson(answer.body.toString(), 'Attributes') };
  }
  const itemJson = await readItemJson(engine, tableNameOf(write), write.keyJson);
  // The engine makes up the key as the old item; DynamoDB returns nothing for an item that was not.
  const answerAsAws =
    wanted === 'ALL_OLD' && before === null ? withoutMember(answer, 'Attributes') : answer;
  return { kind: 'written', answer: answerAsAws, itemJson };
}

/**
 * The item before an update, where the engine needs help with it; undefined where it needs none.
 * Throws what DynamoDB answers for a path that leads through a NULL (the engine replaces it).
 */
async function readBefore(
  engine: StorageEngine,
  write: ItemWrite,
): Promise<string | null | undefined> {
  const { request } = write;
  const expression = request['UpdateExpression'];
  const nested = typeof expression === 'string' && /[.[]/.test(expression);
  if (!nested && request['ReturnValues'] !== 'ALL_OLD') return undefined;
  const before = await readItemJson(engine, tableNameOf(write), write.keyJson);
  if (nested && before !== null) {
    const names = (request['ExpressionAttributeNames'] ?? {}) as Record<string, string>;
    if (pathThroughNull(expression, names, JSON.parse(before) as Attributes)) {
      throw validationFault(
        'The document path provided in the update expression is invalid for update',
      );
    }
  }
  return before;
}

/** The request with the one parameter more, spliced in rather than written anew. */
function askingForAllNew(write: ItemWrite): string {
  const end = write.body.lastIndexOf('}');
  if (write.request['ReturnValues'] === undefined) {
    return `${write.body.slice(0, end)},"ReturnValues":"ALL_NEW"}`;
  }
  return JSON.stringify({ ...write.request, ReturnValues: 'ALL_NEW' });
}

/**
 * A refusal, with the item that `ReturnValuesOnConditionCheckFailure` asks for where the engine
 * left it out.
 */
async function refused(
  engine: StorageEngine,
  write: ItemWrite,
  answer: EngineAnswer,
): Promise<LeaderOutcome> {
  if (write.request['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD') {
    const text = answer.body.toString();
    if (text.includes('#ConditionalCheckFailedException') && !text.includes('"Item":')) {
      const itemJson = await readItemJson(engine, tableNameOf(write), write.keyJson);
      if (itemJson !== null) {
        const body = `${text.slice(0, text.lastIndexOf('}'))},"Item":${itemJson}}`;
        return { kind: 'refused', answer: { status: answer.status, body: Buffer.from(body) } };
      }
    }
  }
  return { kind: 'refused', answer };
}

async function answered(
  engine: StorageEngine,
  operation: string,
  body: string,
): Promise<EngineAnswer> {
  const answer = await engine.call(operation, body);
  if (answer.status < 500) return answer;
  throw new EngineFailure(
    `The storage engine answered ${answer.status} to ${operation}: ${answer.body.toString()}`,
    'unknown',
  );
}

/** The JSON of one member of an answer; the answers that matter have no other, so it is cut out. */
function memberJson(text: string, member: 'Item' | 'Attributes'): string | null {
  const start = `{"${member}":`;
  if (text.startsWith(start) && !text.includes('"ConsumedCapacity":')) {
    return text.slice(start.length, text.lastIndexOf('}'));
  }
  const value = (JSON.parse(text) as Record<string, unknown>)[member];
  return value === undefined ? null : JSON.stringify(value);
}

function withoutMember(answer: EngineAnswer, member: string): EngineAnswer {
  const parsed = JSON.parse(answer.body.toString()) as Record<string, unknown>;
  delete parsed[member];
  return { status: answer.status, body: Buffer.from(JSON.stringify(parsed)) };
}

function tableNameOf(write: ItemWrite): string {
  return write.request['TableName'] as string;
}
