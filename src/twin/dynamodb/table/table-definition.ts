/** A table of the template as the engines know it: created once, and held to it at each start. */

import type { GlobalTableModel } from '../../region-model.ts';
import type { StorageEngine } from '../engine/storage-engine.ts';
import { canonicalJson } from './canonical-json.ts';

/** What DescribeTable says, as far as it is read here. */
interface DescribedTable {
  readonly KeySchema?: unknown;
  readonly AttributeDefinitions?: unknown;
  readonly GlobalSecondaryIndexes?: readonly {
    readonly IndexName?: string;
    readonly KeySchema?: unknown;
    readonly Projection?: unknown;
  }[];
}

/** Whether the table has several replicas that each take writes by themselves. */
export function replicatesEventually(
  model: Pick<GlobalTableModel, 'consistency' | 'replicas'>,
): boolean {
  return model.consistency === 'EVENTUAL' && model.replicas.length > 1;
}

/**
 * Throws when the twin can't run the table as AWS would, with what to change.
 * `dataDirectory`: folder that is to keep it, or null.
 * Source of the rules: docs/adr/0006-twin-global-tables.md, docs/adr/0011-mrec-in-the-twin.md.
 */
export function requireRunnable(model: GlobalTableModel, dataDirectory: string | null): void {
  const nodes = model.replicas.length + (model.witness === null ? 0 : 1);
  if (model.replicas.length === 0) throw new Error(`Table ${model.name} has no replica.`);
  if (nodes === 1) return;
  if (replicatesEventually(model)) {
    if (dataDirectory === null) return;
    throw new Error(
      `Table ${model.name} is eventually consistent: the twin keeps what is on its way between ` +
        'its replicas in memory only, so it could not be kept whole on disk. Start without --data, ' +
        'or synthesize with consistency=strong.',
    );
  }
  if (nodes !== 3) {
    throw new Error(
      `Table ${model.name} has ${model.replicas.length} replicas and ` +
        `${model.witness === null ? 'no witness' : 'a witness'}: multi-Region strong consistency ` +
        'takes three Regions, three replicas or two and a witness.',
    );
  }
  if (model.witness !== null && model.replicas.includes(model.witness)) {
    throw new Error(
      `Table ${model.name} has witness and replica in ${model.witness}: choose another Region ` +
        'for the witness.',
    );
  }
}

/** Whether one engine has the table. Throws when it has it with other keys than the model's. */
export async function hasTable(engine: StorageEngine, model: GlobalTableModel): Promise<boolean> {
  const described = await engine.call('DescribeTable', JSON.stringify({ TableName: model.name }));
  const text = described.body.toString();
  if (described.status === 200) {
    const { Table } = JSON.parse(text) as { Table: DescribedTable };
    requireSameSchema(model, Table);
    return true;
  }
  if (text.includes('ResourceNotFoundException')) return false;
  throw new Error(`The storage engine could not describe table ${model.name}: ${text}`);
}

/** Creates the table, empty, in one engine. */
export async function createTable(engine: StorageEngine, model: GlobalTableModel): Promise<void> {
  const created = await engine.call('CreateTable', JSON.stringify(createTableRequest(model)));
  if (created.status !== 200) {
    throw new Error(
      `The storage engine refused to create table ${model.name}: ${created.body.toString()}`,
    );
  }
  await untilActive(engine, model.name);
}

function createTableRequest(model: GlobalTableModel): Record<string, unknown> {
  const indexes = model.globalSecondaryIndexes;
  return {
    TableName: model.name,
    KeySchema: model.keySchema,
    AttributeDefinitions: model.attributeDefinitions,
    BillingMode: 'PAY_PER_REQUEST',
    ...(indexes.length === 0 ? {} : { GlobalSecondaryIndexes: indexes }),
  };
}

/** Polls without a pause: the engines make a table active at once or within a few calls. */
async function untilActive(engine: StorageEngine, name: string): Promise<void> {
  const request = JSON.stringify({ TableName: name });
  for (let attempt = 0; attempt < 1_000; attempt++) {
    const answer = await engine.call('DescribeTable', request);
    if (/"TableStatus":\s*"ACTIVE"/.test(answer.body.toString())) return;
  }
  throw new Error(`Table ${name} did not become active in the storage engine.`);
}

function requireSameSchema(model: GlobalTableModel, described: DescribedTable): void {
  const differences = [
    differs(model.keySchema, described.KeySchema) ? 'its key schema' : null,
    differs(sorted(model.attributeDefinitions), sorted(described.AttributeDefinitions ?? []))
      ? 'its attribute definitions'
      : null,
    differs(indexesOf(model.globalSecondaryIndexes), indexesOf(described.GlobalSecondaryIndexes))
      ? 'its global secondary indexes'
      : null,
  ].filter((difference) => difference !== null);
  if (differences.length > 0) {
    throw new Error(
      `Table ${model.name} in the data folder has other keys than the template: ` +
        `${differences.join(' and ')} changed. Start with a fresh --data folder.`,
    );
  }
}

function indexesOf(
  indexes: DescribedTable['GlobalSecondaryIndexes'] | GlobalTableModel['globalSecondaryIndexes'],
): unknown {
  return sorted(
    (indexes ?? []).map(({ IndexName, KeySchema, Projection }) => ({
      IndexName,
      KeySchema,
      Projection,
    })),
  );
}

function differs(a: unknown, b: unknown): boolean {
  return canonicalJson(a) !== canonicalJson(b);
}

function sorted(values: unknown): string[] {
  return Array.isArray(values) ? values.map(canonicalJson).toSorted() : [];
}
