/** One conditional update of a journal item. */

import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Deadline } from '#core/ports.ts';
import { type AttemptOptions, attemptAws } from './aws-attempts.ts';
import { type Item, journalKey } from './payment-items.ts';

export interface JournalUpdate {
  readonly set?: Item;
  /** Numbers that are added to what is there. */
  readonly add?: Item;
  readonly remove?: readonly string[];
  /** What must hold, all of it; without it an update would make up a journal that does not exist. */
  readonly where: Readonly<Record<string, AttributeValue | 'exists' | 'absent'>>;
}

/**
 * Updates the journal and returns the item as it is then; null when the condition does not hold, which
 * an own earlier attempt whose answer was lost may have brought about. Throws `AppError`.
 */
export async function updateJournal(
  what: string,
  transactionId: string,
  update: JournalUpdate,
  deadline: Deadline,
  options: {
    readonly client: DynamoDBClient;
    readonly tableName: string;
    readonly attempts: AttemptOptions;
  },
): Promise<Item | null> {
  const command = new UpdateItemCommand({
    TableName: options.tableName,
    Key: journalKey(transactionId),
    ReturnValues: 'ALL_NEW',
    ...expressionsOf(update),
  });
  try {
    const { Attributes: item } = await attemptAws(
      what,
      (abortSignal) => options.client.send(command, { abortSignal }),
      deadline,
      options.attempts,
      (error) => error instanceof ConditionalCheckFailedException,
    );
    return item ?? {};
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return null;
    throw error;
  }
}

export function text(value: string): AttributeValue {
  return { S: value };
}

export function number(value: number): AttributeValue {
  return { N: String(value) };
}

/** Placeholders for every name and value: some of the attributes are reserved words. */
function expressionsOf({ set = {}, add = {}, remove = [], where }: JournalUpdate) {
  const names: Record<string, string> = {};
  const values: Record<string, AttributeValue> = {};
  const name = (attribute: string): string => {
    names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  };
  const value = (attribute: string, prefix: string, given: AttributeValue): string => {
    values[`:${prefix}_${attribute}`] = given;
    return `:${prefix}_${attribute}`;
  };
  const clauses = (changes: Item, prefix: string, separator: string): string[] =>
    Object.entries(changes).map(
      ([attribute, given]) => `${name(attribute)}${separator}${value(attribute, prefix, given)}`,
    );
  const parts = [
    ['SET', clauses(set, 'set', ' = ')],
    ['ADD', clauses(add, 'add', ' ')],
    ['REMOVE', remove.map(name)],
  ] as const;
  const conditions = Object.entries(where).map(([attribute, wanted]) => {
    if (wanted === 'exists') return `attribute_exists(${name(attribute)})`;
    if (wanted === 'absent') return `attribute_not_exists(${name(attribute)})`;
    return `${name(attribute)} = ${value(attribute, 'is', wanted)}`;
  });
  return {
    UpdateExpression: parts
      .filter(([, clause]) => clause.length > 0)
      .map(([word, clause]) => `${word} ${clause.join(', ')}`)
      .join(' '),
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}
