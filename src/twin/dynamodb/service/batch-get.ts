/** BatchGetItem: table by table, because each one says itself whether it is read strongly. */

import type { ServiceCall } from '../../endpoint/aws-service.ts';
import type { EngineAnswer } from '../engine/storage-engine.ts';
import type { GlobalTables } from '../global-tables.ts';
import { validationFault } from '../wire-fault.ts';
import { requireKey } from './item-rules.ts';
import { isRecord, parseRequest, plainTableName, requestedTable } from './request.ts';

interface BatchGetAnswer {
  readonly Responses?: Readonly<Record<string, unknown>>;
  readonly UnprocessedKeys?: Readonly<Record<string, unknown>>;
  readonly ConsumedCapacity?: readonly unknown[];
}

const BATCH_KEYS_MAX = 100;

/** Reads up to 100 items. Throws `WireFault`; what the engine refuses is its answer. */
export async function batchGet(tables: GlobalTables, call: ServiceCall): Promise<EngineAnswer> {
  const { request } = parseRequest(call);
  const byTable = request['RequestItems'];
  if (!isRecord(byTable) || Object.keys(byTable).length === 0) {
    throw validationFault(
      "1 validation error detected: Value at 'requestItems' failed to satisfy constraint: " +
        'Member must have length greater than or equal to 1',
    );
  }
  const reads = Object.entries(byTable).map(([tableKey, part]) =>
    readPart(tables, call, request, tableKey, part),
  );
  if (reads.reduce((sum, { keys }) => sum + keys, 0) > BATCH_KEYS_MAX) {
    throw validationFault('Too many items requested for the BatchGetItem call');
  }
  const answers = await Promise.all(reads.map(({ run }) => run()));
  const refusal = answers.find(({ status }) => status !== 200);
  if (refusal !== undefined) return refusal;
  return answers.length === 1 && answers[0] !== undefined ? answers[0] : merged(answers);
}

interface PartRead {
  readonly keys: number;
  readonly run: () => Promise<EngineAnswer>;
}

function readPart(
  tables: GlobalTables,
  call: ServiceCall,
  request: Readonly<Record<string, unknown>>,
  tableKey: string,
  part: unknown,
): PartRead {
  const name = plainTableName(tableKey);
  const table = requestedTable(tables, call, { TableName: name });
  const keys = isRecord(part) ? part['Keys'] : undefined;
  if (!isRecord(part) || !Array.isArray(keys)) {
    throw validationFault(`The keys of table ${name} are not a list.`);
  }
  const ids = new Set((keys as unknown[]).map((key) => requireKey(table.model, key).id));
  const body = JSON.stringify({ ...request, RequestItems: { [name]: part } });
  const strong = part['ConsistentRead'] === true;
  return {
    keys: keys.length,
    run: () =>
      strong
        ? table.readStrong(call.region, 'BatchGetItem', body, (id) => ids.has(id))
        : table.readEventual(call.region, 'BatchGetItem', body),
  };
}

function merged(answers: readonly EngineAnswer[]): EngineAnswer {
  const parts = answers.map(({ body }) => JSON.parse(body.toString()) as BatchGetAnswer);
  const capacity = parts.flatMap(({ ConsumedCapacity }) => ConsumedCapacity ?? []);
  const answer = {
    Responses: Object.assign({}, ...parts.map(({ Responses }) => Responses ?? {})) as unknown,
    UnprocessedKeys: Object.assign(
      {},
      ...parts.map(({ UnprocessedKeys }) => UnprocessedKeys ?? {}),
    ) as unknown,
    ...(capacity.length === 0 ? {} : { ConsumedCapacity: capacity }),
  };
  return { status: 200, body: Buffer.from(JSON.stringify(answer)) };
}
