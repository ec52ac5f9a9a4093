import { afterAll, beforeAll } from 'vitest';
import { createDynamoOpenPayments } from '#adapters/dynamo-open-payments.ts';
import { createDynamoPaymentReader } from '#adapters/dynamo-payment-reader.ts';
import { createDynamoPaymentStore } from '#adapters/dynamo-payment-store.ts';
import { systemClock } from '#adapters/system.ts';
import { describeOpenWork } from '../../support/open-work-contract.ts';
import { describePaymentStore } from '../../support/payment-store-contract.ts';
import { REGIONS, type RunningTwin, startTwinProcess, TABLE } from '../../support/running-twin.ts';

let twin: RunningTwin;
beforeAll(async () => {
  twin = await startTwinProcess();
});
afterAll(async () => {
  await twin.stop();
});

const attempts = {
  clock: systemClock,
  attemptTimeoutMs: 5_000,
  attemptsMax: 3,
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
};

for (const region of REGIONS) {
  const open = () => {
    const options = { client: twin.dynamodb(region), tableName: TABLE, attempts };
    return {
      store: createDynamoPaymentStore(options),
      reader: createDynamoPaymentReader(options),
      open: createDynamoOpenPayments(options),
    };
  };
  describePaymentStore(`DynamoDB in ${region}`, open);
  describeOpenWork(`DynamoDB in ${region}`, open);
}
