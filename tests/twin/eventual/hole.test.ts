/**
 * The hole that the lease closes, shown first: with eventually consistent tables an ordinary idempotency
 * guard (put if absent) charges twice across a failover inside the replication lag.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDynamoLeaseStore } from '#adapters/dynamo-lease-store.ts';
import { createDynamoPaymentStore } from '#adapters/dynamo-payment-store.ts';
import { createStopwatch, sha256Hex, systemClock } from '#adapters/system.ts';
import { AppError } from '#core/app-error.ts';
import { fencePorts } from '#core/fenced-ports.ts';
import { createLease } from '#core/lease.ts';
import type { PaymentPorts } from '#core/ports.ts';
import { processPayment } from '#core/process-payment.ts';
import { createRecordingGateway } from '#core/recording-gateway.ts';
import { itemsOf } from '../../support/payments-table.ts';
import { synthesizeTemplates } from '../../support/prepared-assembly.ts';
import {
  EAST_1,
  EAST_2,
  newPayment,
  REGIONS,
  type RunningTwin,
  startTwinProcess,
  TABLE,
  until,
} from '../../support/running-twin.ts';

let twin: RunningTwin;
let assembly: string;
beforeAll(async () => {
  assembly = mkdtempSync(join(tmpdir(), 'holdfast-eventual-'));
  await synthesizeTemplates(assembly, { consistency: 'eventual' });
  twin = await startTwinProcess({ synthesize: true, args: ['--assembly', assembly] });
});
afterAll(async () => {
  await twin?.stop();
  rmSync(assembly, { recursive: true, force: true });
});

const attempts = {
  clock: systemClock,
  attemptTimeoutMs: 1_500,
  attemptsMax: 3,
  sleep: async () => undefined,
  random: () => 0.5,
};

/** The protocol over one Region's replica, with nothing but put-if-absent to guard it. */
function guardedPorts(region: string): PaymentPorts {
  const client = twin.dynamodb(region);
  return {
    store: createDynamoPaymentStore({ client, tableName: TABLE, attempts }),
    gateway: createRecordingGateway(),
    notifier: { publish: async () => undefined },
    clock: systemClock,
    hash: sha256Hex,
  };
}

function withLease(region: string): PaymentPorts {
  const store = createDynamoLeaseStore({
    client: twin.dynamodb(region),
    tableName: 'payments-control-dev',
    attempts,
  });
  const stopwatch = createStopwatch();
  const mayCreate = region === EAST_1;
  const lease = createLease({ store, region, mayCreate, clock: systemClock, stopwatch });
  return fencePorts(guardedPorts(region), lease);
}

function requestOf(transactionId: string) {
  return { transactionId, customerId: 'cust-1', amountMinor: 1050n, currency: 'USD' };
}

function attemptIn(region: string) {
  return { region, deadline: { atEpochMs: Date.now() + 5_000 }, finishMs: 2_000 };
}

/** Charges in us-east-1, loses it, and retries in us-east-2 a second later, inside the lag. */
async function failOver(portsOf: (region: string) => PaymentPorts, transactionId: string) {
  const first = await processPayment(requestOf(transactionId), attemptIn(EAST_1), portsOf(EAST_1));
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const second = await processPayment(
    requestOf(transactionId),
    attemptIn(EAST_2),
    portsOf(EAST_2),
  ).catch((error: unknown) => error);
  return { first, second };
}

async function recordsOf(transactionId: string): Promise<readonly string[]> {
  const found: string[][] = [];
  for (const region of REGIONS) {
    const items = await itemsOf(twin.dynamodb(region), transactionId);
    found.push(items.map((item) => item['timestamp']?.N ?? '').filter((at) => at !== '0'));
  }
  const [one = [], other = []] = found;
  expect(one.toSorted()).toEqual(other.toSorted());
  return one;
}

it('charges twice with put-if-absent alone', async () => {
  const { transaction_id: id } = newPayment();
  await twin.fault(EAST_1, 'lag', { latencyMs: 4_000 });
  const { first, second } = await failOver(guardedPorts, id);
  expect(first).toMatchObject({ kind: 'processed', replayed: false, recorded: true });
  // The guard sees nothing of the first charge: its replica has not heard of it.
  expect(second).toMatchObject({ kind: 'processed', replayed: false, recorded: true });
  await twin.heal();
  await until('the replicas have both', async () => {
    const items = await Promise.all(REGIONS.map((region) => itemsOf(twin.dynamodb(region), id)));
    return items.every((found) => found.length === 3);
  });
  expect(await recordsOf(id)).toHaveLength(2);
});

it('charges once with the lease: the Region without it refuses', async () => {
  const { transaction_id: id } = newPayment();
  await twin.fault(EAST_1, 'lag', { latencyMs: 4_000 });
  const { first, second } = await failOver(withLease, id);
  expect(first).toMatchObject({ kind: 'processed', recorded: true });
  expect(second).toBeInstanceOf(AppError);
  expect(second).toMatchObject({ code: 'region_not_active' });
  await twin.heal();
  await until('it is replicated', async () => {
    const items = await itemsOf(twin.dynamodb(EAST_2), id);
    return items.length === 2 && items[0]?.['status']?.S === 'PROCESSED';
  });
  expect(await recordsOf(id)).toHaveLength(1);
});
