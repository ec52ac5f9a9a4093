/**
 * The same system over an eventually consistent payments table: what a Region acknowledged and had not
 * got out when it was lost is missing in the other one until the Region is back.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { itemsOf } from '../../support/payments-table.ts';
import { editTemplate, synthesizeInto } from '../../support/prepared-assembly.ts';
import {
  apiOf,
  call,
  EAST_1,
  EAST_2,
  newPayment,
  type RunningTwin,
  startTwinProcess,
  TABLE,
  until,
} from '../../support/running-twin.ts';

let assembly: string;
let twin: RunningTwin;
beforeAll(async () => {
  assembly = mkdtempSync(join(tmpdir(), 'holdfast-eventual-'));
  await synthesizeInto(assembly);
  editTemplate(assembly, EAST_1, (resources) => {
    for (const { Type, Properties } of Object.values(resources)) {
      if (Type !== 'AWS::DynamoDB::GlobalTable' || Properties['TableName'] !== TABLE) continue;
      Properties['MultiRegionConsistency'] = 'EVENTUAL';
      delete Properties['GlobalTableWitnesses'];
    }
  });
  twin = await startTwinProcess({ args: ['--assembly', assembly], synthesize: true });
});
afterAll(async () => {
  await twin.stop();
  rmSync(assembly, { recursive: true, force: true });
});

const itemsIn = (region: string, id: string) => itemsOf(twin.dynamodb(region), id, true);

async function replicaIn(region: string) {
  const { tables } = await twin.status();
  return tables.find(({ table, replica }) => table === TABLE && replica === region);
}

it('keeps back what was acknowledged within the lag, and brings it when the Region is back', async () => {
  const early = newPayment();
  expect((await call(`${apiOf(twin, EAST_1)}/process`, { body: early })).status).toBe(200);
  await until('the payment is in us-east-2', async () => {
    return (await itemsIn(EAST_2, early.transaction_id)).length === 2;
  });

  await twin.fault(EAST_1, 'lag', { latencyMs: 120_000 });
  const late = newPayment();
  expect((await call(`${apiOf(twin, EAST_1)}/process`, { body: late })).status).toBe(200);
  await twin.fault(EAST_1, 'kill');
  expect(await itemsIn(EAST_2, late.transaction_id)).toEqual([]);
  const behind = await replicaIn(EAST_2);
  expect(behind).toMatchObject({ caughtUp: false, quorum: true });
  expect(behind?.lagMs).toBeGreaterThan(0);

  await twin.heal(EAST_1);
  await until('it has arrived', async () => (await replicaIn(EAST_2))?.caughtUp === true);
  expect(await itemsIn(EAST_2, late.transaction_id)).toHaveLength(2);
});
