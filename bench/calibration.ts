/**
 * What one AWS SDK call costs on this machine now, against a server that answers at once. Machines, and
 * the same machine on another day, differ by several times; read the other figures beside this one.
 */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { type Spread, spreadOf } from './statistics.ts';

const ROUNDS = 5;
const CALLS = 1_000;

/** Milliseconds of CPU for one call, client and server together, over rounds after a warm-up. */
export async function benchSdkCall(): Promise<Spread> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      response.end('{"TableNames":[]}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const before = process.cpuUsage();
    for (let call = 0; call < CALLS; call += 1) await client.send(new ListTablesCommand({}));
    const { user, system } = process.cpuUsage(before);
    if (round > 0) rounds.push((user + system) / 1_000 / CALLS);
  }
  client.destroy();
  server.closeAllConnections();
  server.close();
  return spreadOf(rounds);
}
