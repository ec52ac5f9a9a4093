/**
 * A twin's tables in a process of their own, to be killed: `node twin-child.ts <folder>`.
 *
 * Writes without end, from both Regions, with one or the other cut off part of the time. Prints
 * `<key> <value>` for each write that was acknowledged, and each engine's process id.
 */

import { writeSync } from 'node:fs';
import { createDynamoDbService } from '#twin/dynamodb/create-dynamodb-service.ts';
import { createGlobalTables } from '#twin/dynamodb/global-tables.ts';
import { TestNetwork } from '../../unit/twin/dynamodb/test-network.ts';
import { EAST_1, EAST_2, THINGS } from './serve-dynamodb.ts';

const [dataDirectory = ''] = process.argv.slice(2);
const network = new TestNetwork();
const say = (line: string) => writeSync(1, `${line}\n`);
const tables = await createGlobalTables({
  tables: [THINGS],
  dataDirectory,
  network,
  onSpawn: (pid) => say(`engine ${pid}`),
});
const service = createDynamoDbService({ tables, accountId: THINGS.accountId });
const signal = new AbortController().signal;

async function writer(region: string, name: string): Promise<never> {
  for (let n = 0; ; n++) {
    // Keys come again, so that what is pending is also superseded.
    const key = `${name}-${n % 50}`;
    const Item = { p: { S: key }, s: { N: '1' }, v: { N: String(n) } };
    const { status } = await service.handle({
      region,
      operation: 'PutItem',
      headers: {},
      url: '/',
      body: Buffer.from(JSON.stringify({ TableName: 'things', Item })),
      requestId: key,
      signal,
    });
    if (status === 200) say(`${key} ${n}`);
    // A refusal takes no input or output: without a pause the others would never get their turn.
    else await new Promise((resolve) => setImmediate(resolve));
    if (name !== 'first') continue;
    if (n % 80 === 20) network.set(EAST_2, 'isolated');
    // Writes of this Region fail then; the other one leads from here on.
    if (n % 80 === 60) network.set(EAST_1, 'isolated');
    if (n % 40 === 39) network.heal();
  }
}

await Promise.all([writer(EAST_1, 'first'), writer(EAST_1, 'third'), writer(EAST_2, 'second')]);
