/** DescribeTable, ListTables, DescribeTimeToLive and DescribeContinuousBackups. */

import type { ServiceCall } from '../../endpoint/aws-service.ts';
import type { GlobalTableModel } from '../../region-model.ts';
import type { EngineAnswer } from '../engine/storage-engine.ts';
import type { GlobalTables } from '../global-tables.ts';
import { parseRequest, requestedTable } from './request.ts';

export type TableOperation =
  | 'DescribeTable'
  | 'ListTables'
  | 'DescribeTimeToLive'
  | 'DescribeContinuousBackups';

const LISTED_TABLES_MAX = 100;

/** Runs one of them. Throws `WireFault`. */
export async function runTableOperation(
  tables: GlobalTables,
  call: ServiceCall,
  operation: TableOperation,
): Promise<EngineAnswer> {
  switch (operation) {
    case 'ListTables':
      return json(listTables(tables, call));
    case 'DescribeTable':
      return describeTable(tables, call);
    case 'DescribeTimeToLive':
      requestedTable(tables, call, parseRequest(call).request);
      return json({ TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } });
    case 'DescribeContinuousBackups':
      requestedTable(tables, call, parseRequest(call).request);
      // The twin keeps no backups, whatever the template asks of AWS.
      return json({
        ContinuousBackupsDescription: {
          ContinuousBackupsStatus: 'ENABLED',
          PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
        },
      });
  }
}

async function describeTable(tables: GlobalTables, call: ServiceCall): Promise<EngineAnswer> {
  const { request } = parseRequest(call);
  const detail = `: Table: ${String(request['TableName'])} not found`;
  const table = requestedTable(tables, call, request, detail);
  const body = JSON.stringify({ TableName: table.model.name });
  const answer = await table.readEventual(call.region, 'DescribeTable', body);
  if (answer.status !== 200) return answer;
  const { Table } = JSON.parse(answer.body.toString()) as { Table: Record<string, unknown> };
  return json({ Table: asInRegion(Table, table.model, call.region) });
}

/** The engine's description with what the engine does not know: Region, account and replicas. */
function asInRegion(
  described: Readonly<Record<string, unknown>>,
  model: GlobalTableModel,
  region: string,
): Record<string, unknown> {
  const arn = tableArn(region, model.accountId, model.name);
  const indexes = described['GlobalSecondaryIndexes'] as
    | readonly Record<string, unknown>[]
    | undefined;
  const others = model.replicas.filter((replica) => replica !== region);
  return {
    ...described,
    TableArn: arn,
    ...(indexes === undefined
      ? {}
      : {
          GlobalSecondaryIndexes: indexes.map((index) => ({
            ...index,
            IndexArn: `${arn}/index/${String(index['IndexName'])}`,
          })),
        }),
    DeletionProtectionEnabled: model.deletionProtection[region] ?? false,
    ...(model.streamViewType === null ? {} : streamOf(arn, described, model.streamViewType)),
    ...(others.length === 0 ? {} : globalTableOf(model, others)),
  };
}

function globalTableOf(model: GlobalTableModel, others: readonly string[]) {
  return {
    GlobalTableVersion: '2019.11.21',
    Replicas: others.map((RegionName) => ({ RegionName, ReplicaStatus: 'ACTIVE' })),
    MultiRegionConsistency: model.consistency,
    ...(model.witness === null
      ? {}
      : { GlobalTableWitnesses: [{ RegionName: model.witness, WitnessStatus: 'ACTIVE' }] }),
  };
}

function streamOf(arn: string, described: Readonly<Record<string, unknown>>, viewType: string) {
  const createdAtEpochMs = Number(described['CreationDateTime'] ?? 0) * 1_000;
  const label = new Date(createdAtEpochMs).toISOString().replace('Z', '');
  return {
    StreamSpecification: { StreamEnabled: true, StreamViewType: viewType },
    LatestStreamLabel: label,
    LatestStreamArn: `${arn}/stream/${label}`,
  };
}

function listTables(tables: GlobalTables, call: ServiceCall): Record<string, unknown> {
  const { request } = parseRequest(call);
  const after = request['ExclusiveStartTableName'];
  const limit = Number(request['Limit'] ?? LISTED_TABLES_MAX);
  const names = tables
    .tablesIn(call.region)
    .map(({ model }) => model.name)
    .filter((name) => typeof after !== 'string' || name > after);
  const page = names.slice(0, limit);
  return {
    TableNames: page,
    ...(page.length < names.length ? { LastEvaluatedTableName: page.at(-1) } : {}),
  };
}

export function tableArn(region: string, accountId: string, name: string): string {
  return `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;
}

function json(value: unknown): EngineAnswer {
  return { status: 200, body: Buffer.from(JSON.stringify(value)) };
}
