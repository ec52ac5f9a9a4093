/** DynamoDB endpoints on loopback for the tests: the twin's service, dynalite and moto. */

import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoDbService } from '#twin/dynamodb/create-dynamodb-service.ts';
import { serveDynalite } from '#twin/dynamodb/engine/dynalite-child.ts';
import {
  createGlobalTables,
  type GlobalTables,
  type GlobalTablesOptions,
} from '#twin/dynamodb/global-tables.ts';
import type { AwsService } from '#twin/endpoint/aws-service.ts';
import type { GlobalTableModel } from '#twin/region-model.ts';
import { TestNetwork } from '../../unit/twin/dynamodb/test-network.ts';

export const EAST_1 = 'us-east-1';
export const EAST_2 = 'us-east-2';
export const WITNESS = 'us-west-2';

export const THINGS: GlobalTableModel = {
  name: 'things',
  keySchema: [
    { AttributeName: 'p', KeyType: 'HASH' },
    { AttributeName: 's', KeyType: 'RANGE' },
  ],
  attributeDefinitions: [
    { AttributeName: 'p', AttributeType: 'S' },
    { AttributeName: 's', AttributeType: 'N' },
    { AttributeName: 'owner', AttributeType: 'S' },
    { AttributeName: 'rank', AttributeType: 'N' },
  ],
  globalSecondaryIndexes: [
    {
      IndexName: 'by-owner',
      KeySchema: [
        { AttributeName: 'owner', KeyType: 'HASH' },
        { AttributeName: 'rank', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  replicas: [EAST_1, EAST_2],
  witness: WITNESS,
  consistency: 'STRONG',
  streamViewType: 'NEW_AND_OLD_IMAGES',
  deletionProtection: { [EAST_1]: true, [EAST_2]: true },
  accountId: '123456789012',
};

export interface Endpoint {
  readonly url: string;
  stop(): Promise<void>;
}

export interface TwinEndpoint extends Endpoint {
  readonly network: TestNetwork;
  readonly tables: GlobalTables;
  readonly service: AwsService;
  /** Process ids of the engines, the latest last. */
  readonly pids: number[];
  readonly reports: string[];
}

export async function serveTwin(
  options: Partial<Omit<GlobalTablesOptions, 'network'>> = {},
): Promise<TwinEndpoint> {
  const network = new TestNetwork();
  const pids: number[] = [];
  const reports: string[] = [];
  const tables = await createGlobalTables({
    tables: [THINGS],
    dataDirectory: null,
    network,
    onSpawn: (pid) => pids.push(pid),
    report: (message) => reports.push(message),
    ...options,
  });
  const report = (message: string) => reports.push(message);
  const service = createDynamoDbService({ tables, accountId: THINGS.accountId, report });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = request.headers as Record<string, string | undefined>;
      const scope = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(headers['authorization'] ?? '');
      const url = request.url ?? '/';
      const body = Buffer.concat(chunks);
      const operation = service.operationOf(headers, url, body, 'POST') ?? 'none';
      const region = scope?.[1] ?? EAST_1;
      const requestId = randomUUID();
      void service
        .handle({ region, operation, headers, url, body, requestId, signal: gone.signal })
        .then((answer) => response.writeHead(answer.status, answer.headers).end(answer.body));
    });
  });
  const url = await listening(server);
  return {
    url,
    network,
    tables,
    service,
    pids,
    reports,
    async stop() {
      await closed(server);
      await tables.stop();
    },
  };
}

/** Dynalite by itself, with the table made. */
export async function serveDynaliteWith(model: GlobalTableModel): Promise<Endpoint> {
  const server = await serveDynalite(0, null);
  const url = urlOf(server);
  await createTable(url, model);
  return { url, stop: () => closed(server) };
}

/** Moto's server with the table made, or null where it is not installed. */
export async function serveMotoWith(model: GlobalTableModel): Promise<Endpoint | null> {
  if (spawnSync('moto_server', ['--help']).status !== 0) return null;
  const probe = createServer();
  const url = await listening(probe);
  await closed(probe);
  const { port } = new URL(url);
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', port], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`moto_server ended: ${said}`)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('Running on')) resolve();
    });
  });
  await createTable(url, model);
  return {
    url,
    async stop() {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await exited;
    },
  };
}

export function clientOf({ url }: Pick<Endpoint, 'url'>, region: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint: url,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
}

async function createTable(url: string, model: GlobalTableModel): Promise<void> {
  const client = clientOf({ url }, EAST_1);
  await client.send(
    new CreateTableCommand({
      TableName: model.name,
      KeySchema: [...model.keySchema],
      AttributeDefinitions: [...model.attributeDefinitions],
      BillingMode: 'PAY_PER_REQUEST',
      GlobalSecondaryIndexes: model.globalSecondaryIndexes.map(({ IndexName, KeySchema }) => ({
        IndexName,
        KeySchema: [...KeySchema],
        Projection: { ProjectionType: 'ALL' },
      })),
    }),
  );
  client.destroy();
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return urlOf(server);
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
