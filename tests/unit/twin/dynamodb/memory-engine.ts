/** A storage engine in memory, for one table with partition key `p`, that can be made to fail. */

import {
  type EngineAnswer,
  type EngineCondition,
  EngineFailure,
  type StorageEngine,
} from '#twin/dynamodb/engine/storage-engine.ts';

type Item = Readonly<Record<string, Readonly<Record<string, string>>>>;

interface Request {
  readonly Key?: Item;
  readonly Item?: Item;
  /** `attribute_not_exists(p)`, or `v = :old`. */
  readonly ConditionExpression?: string;
  /** Always `SET v = :v` here. */
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeValues?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly ReturnValues?: string;
}

export interface MemoryEngineOptions {
  /** Called before and after each operation takes effect; whatever waits here is on its way. */
  readonly pause?: (moment: 'before' | 'after', operation: string) => Promise<void>;
  /** Says of the n-th call whether it loses its request or its answer. */
  readonly fails?: (call: number) => 'request' | 'answer' | null;
}

export class MemoryEngine implements StorageEngine {
  readonly items = new Map<string, Item>();
  readonly calls: string[] = [];
  readonly pid = null;
  readonly #options: MemoryEngineOptions;
  readonly #listeners = new Set<() => void>();
  #condition: EngineCondition = 'ready';

  constructor(options: MemoryEngineOptions = {}) {
    this.#options = options;
  }

  get condition(): EngineCondition {
    return this.#condition;
  }

  become(condition: EngineCondition): void {
    this.#condition = condition;
    for (const listener of this.#listeners) listener();
  }

  onCondition(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async call(operation: string, body: string): Promise<EngineAnswer> {
    if (this.#condition === 'lost') throw new EngineFailure('lost', 'not-executed');
    this.calls.push(operation);
    const failure = this.#options.fails?.(this.calls.length) ?? null;
    await this.#options.pause?.('before', operation);
    if (failure === 'request') throw new EngineFailure('request lost', 'unknown');
    const answer = this.#run(operation, JSON.parse(body) as Request);
    await this.#options.pause?.('after', operation);
    if (failure === 'answer') throw new EngineFailure('answer lost', 'unknown');
    return answer;
  }

  async revive(): Promise<void> {
    if (this.#condition === 'lost') this.become('ready');
  }

  async stop(): Promise<void> {
    this.become('stopped');
  }

  #run(operation: string, request: Request): EngineAnswer {
    const key = (request.Key ?? request.Item)?.['p']?.['S'] ?? '';
    const present = this.items.get(key);
    if (operation === 'GetItem') return json(200, present === undefined ? {} : { Item: present });
    if (!meetsCondition(request, present)) {
      const __type = 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException';
      return json(400, { __type, message: 'The conditional request failed' });
    }
    if (operation === 'DeleteItem') {
      this.items.delete(key);
      return json(200, {});
    }
    const next =
      operation === 'PutItem'
        ? request.Item
        : { ...(present ?? request.Key), v: request.ExpressionAttributeValues?.[':v'] ?? {} };
    this.items.set(key, next ?? {});
    return json(200, request.ReturnValues === 'ALL_NEW' ? { Attributes: next } : {});
  }
}

function meetsCondition(request: Request, present: Item | undefined): boolean {
  switch (request.ConditionExpression) {
    case undefined:
      return true;
    case 'attribute_not_exists(p)':
      return present === undefined;
    case 'v = :old':
      return present?.['v']?.['S'] === request.ExpressionAttributeValues?.[':old']?.['S'];
    default:
      throw new Error(`The memory engine knows no condition ${request.ConditionExpression}.`);
  }
}

function json(status: number, value: unknown): EngineAnswer {
  return { status, body: Buffer.from(JSON.stringify(value)) };
}
