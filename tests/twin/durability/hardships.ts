/**
 * The hardships of accepted payments short of losing a Region, all in one twin, so that what has to wait
 * for a sweeper waits once: nothing can be enqueued, messages come twice, a consumer dies too early.
 */

import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import type { ReferenceGateway } from '#gateway/reference-gateway.ts';
import type { SweepAnswer } from '#handlers/sweep.ts';
import { type Acceptance, acceptPayments } from '../../../scripts/proof/accept-payments.ts';
import { judge, type Verdict } from '../../../scripts/proof/judge.ts';
import {
  collectNotifications,
  type Received,
} from '../../../scripts/proof/notification-collector.ts';
import { planPayments } from '../../../scripts/proof/planned-payments.ts';
import {
  isJournal,
  readSurvivingState,
  type StoredItem,
} from '../../../scripts/proof/surviving-state.ts';
import {
  apiOf,
  EAST_1,
  EAST_2,
  REGIONS,
  type RunningTwin,
  until,
} from '../../support/running-twin.ts';

export const HARDSHIP_PREFIX = 'hardship-';
export const UNQUEUED_COUNT = 40;
const DUPLICATED_COUNT = 30;
const CRASHED_COUNT = 10;
const QUEUE = 'payment-queue-dev';
/** Instead of 300 s: what a dead consumer held is to come again while the test runs. */
const VISIBILITY_SECONDS = 6;
/** A sweeper takes up what was accepted this long ago: docs/adr/0012-open-work.md. */
const SWEEP_AFTER_MS = 30_000;

export interface Hardships {
  readonly unqueued: Verdict;
  /** Of the unqueued payments, those that were still untouched when the sweepers began. */
  readonly untouchedBefore: number;
  /** What both Regions' sweepers answered when they were invoked at once. */
  readonly sweeps: readonly SweepAnswer[];
  readonly duplicated: Verdict;
  readonly crashed: Verdict;
  /** Of us-east-1 after the consumer's last write. */
  readonly conditionAfterCrash: string;
}

/** Lives through them all and judges each group of payments by itself. */
export async function endureHardships(
  twin: RunningTwin,
  gateway: Pick<ReferenceGateway, 'ledger'>,
): Promise<Hardships> {
  const { aws } = twin.addresses;
  const state = readSurvivingState(aws, EAST_2, 'dev');
  const collector = await collectNotifications({
    endpoint: aws,
    region: EAST_2,
    topicName: 'transactions-dev',
    topicRegions: REGIONS,
  });
  for (const region of REGIONS) await shortenVisibility(twin, region);
  // The first invocation of a function starts it: done now, so that both begin together later.
  await sweepEverywhere(twin);

  for (const region of REGIONS) {
    await twin.fault(region, 'errors', { service: 'sqs', operation: 'SendMessage', rate: 1 });
  }
  const unqueued = await accept(twin, 'unqueued', UNQUEUED_COUNT);
  const dueAtEpochMs = Date.now() + SWEEP_AFTER_MS;
  await twin.heal();

  for (const region of REGIONS) await duplicate(twin, region, true);
  const duplicated = await accept(twin, 'duplicated', DUPLICATED_COUNT);
  await untilDrained(twin);
  for (const region of REGIONS) await duplicate(twin, region, false);

  const crash = { service: 'sqs', operation: 'DeleteMessageBatch', moment: 'before' };
  await twin.fault(EAST_1, 'crash', crash);
  const crashed = await accept(twin, 'crashed', CRASHED_COUNT);
  await until('the consumer died', async () => (await conditionOf(twin, EAST_1)) !== 'up');
  const conditionAfterCrash = await conditionOf(twin, EAST_1);
  await twin.heal();
  await untilDrained(twin);

  await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueAtEpochMs - Date.now())));
  const untouchedBefore = untouched(await state.items(), idOf('unqueued'));
  const sweeps = await sweepEverywhere(twin);
  await until('nothing is open', async () => (await state.countOpen()) === 0);

  const notifications = await collector.finish();
  const items = await state.items();
  const deadLetters = await state.countDeadLetters();
  const { charges } = gateway.ledger.view();
  state.close();
  const verdictOn = (group: string, acceptance: Acceptance): Verdict => {
    const isOwn = (id: string): boolean => id.startsWith(idOf(group));
    return judge({
      acceptance,
      items: items.filter(({ transactionId }) => isOwn(transactionId)),
      notifications: notifications.filter(({ transactionId }: Received) => isOwn(transactionId)),
      openLeft: 0,
      deadLetters,
      charges: charges.filter(({ key }) => isOwn(key)),
    });
  };
  return {
    unqueued: verdictOn('unqueued', unqueued),
    untouchedBefore,
    sweeps,
    duplicated: verdictOn('duplicated', duplicated),
    crashed: verdictOn('crashed', crashed),
    conditionAfterCrash,
  };
}

function idOf(group: string): string {
  return `${HARDSHIP_PREFIX}${group}`;
}

function accept(twin: RunningTwin, group: string, count: number): Promise<Acceptance> {
  return acceptPayments({
    payments: planPayments(count, idOf(group)),
    apis: REGIONS.map((region) => ({ region, url: apiOf(twin, region) })),
    concurrency: 8,
    onAcknowledged: () => undefined,
  });
}

function untouched(items: readonly StoredItem[], prefix: string): number {
  return items.filter(
    (item) =>
      item.transactionId.startsWith(prefix) && isJournal(item) && item.status === 'ACCEPTED',
  ).length;
}

/** Invokes the sweepers of both Regions at once, by Lambda's own API. */
function sweepEverywhere(twin: RunningTwin): Promise<readonly SweepAnswer[]> {
  return Promise.all(
    REGIONS.map(async (region) => {
      const path = '/2015-03-31/functions/payment-sweeper-dev/invocations';
      // The twin takes the Region from the credential scope and verifies no signature of an operator.
      const scope = `operator/20260101/${region}/lambda/aws4_request`;
      const response = await fetch(`${twin.addresses.aws}${path}`, {
        method: 'POST',
        headers: {
          authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
        },
        body: '{}',
      });
      const text = await response.text();
      if (response.status !== 200 || response.headers.has('x-amz-function-error')) {
        throw new Error(`sweep ${region}: ${response.status} ${text}`);
      }
      return JSON.parse(text) as SweepAnswer;
    }),
  );
}

async function duplicate(twin: RunningTwin, region: string, on: boolean): Promise<void> {
  const response = await fetch(`${twin.addresses.control}/queues/${region}/${QUEUE}/duplicates`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ on }),
  });
  if (!response.ok) throw new Error(await response.text());
}

async function conditionOf(twin: RunningTwin, name: string): Promise<string> {
  const { regions } = await twin.status();
  return regions.find((region) => region.name === name)?.condition ?? '';
}

async function shortenVisibility(twin: RunningTwin, region: string): Promise<void> {
  const sqs = twin.sqs(region);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: QUEUE }));
  const Attributes = { VisibilityTimeout: String(VISIBILITY_SECONDS) };
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
}

/** Until each message was received, carried out and deleted as often as it is delivered. */
async function untilDrained(twin: RunningTwin): Promise<void> {
  for (const region of REGIONS) {
    const sqs = twin.sqs(region);
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: QUEUE }));
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
    await until(`the queue of ${region} is empty`, async () => {
      const { Attributes = {} } = await sqs.send(command);
      const visible = Number(Attributes['ApproximateNumberOfMessages']);
      return visible + Number(Attributes['ApproximateNumberOfMessagesNotVisible']) === 0;
    });
  }
}
