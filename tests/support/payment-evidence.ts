/** What a payment has left behind everywhere: tables, the gateway's books, notifications. */

import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import { NOTIFICATION_ID_ATTRIBUTE } from '#contract/names.ts';
import type { GatewayTwin } from './gateway-twin.ts';
import { itemsOf } from './payments-table.ts';
import { EAST_2, REGIONS, type RunningTwin, TABLE } from './running-twin.ts';

/** The effects of a payment's steps, in their order. */
export const EFFECTS = ['journal', 'charge', 'record', 'notification', 'end'] as const;
export type Effect = (typeof EFFECTS)[number];

export interface Evidence {
  /** The effects that a payment has had so far. Asks us-east-2, which must be up. */
  effectsOf(transactionId: string): Promise<readonly Effect[]>;
  /**
   * Fails unless the payment of 99.99 USD was charged once, recorded once in each Region's replica,
   * finished, and told of under one id with one text.
   */
  expectOnePayment(transactionId: string): Promise<void>;
}

interface Notified {
  readonly id: string;
  readonly text: string;
}

/** The parts of what SNS puts into a queue. Source: SNS developer guide, "Amazon SNS message formats". */
interface Envelope {
  readonly Message: string;
  readonly MessageAttributes: Readonly<Record<string, { readonly Value: string } | undefined>>;
}

/** Subscribes a queue of us-east-2 to the notifications of both Regions. */
export async function collectEvidence({ twin, gateway }: GatewayTwin): Promise<Evidence> {
  const dynamodb = new Map(REGIONS.map((region) => [region, twin.dynamodb(region)]));
  const drain = await subscribeCollector(twin);
  const notified = new Map<string, Notified[]>();

  const notificationsOf = async (transactionId: string): Promise<readonly Notified[]> => {
    for (const { Message: text, MessageAttributes: attributes } of await drain()) {
      const { transaction_id: of } = JSON.parse(text) as { transaction_id: string };
      const id = attributes[NOTIFICATION_ID_ATTRIBUTE]?.Value ?? '';
      notified.set(of, [...(notified.get(of) ?? []), { id, text }]);
    }
    return notified.get(transactionId) ?? [];
  };
  const chargesOf = (transactionId: string) =>
    gateway.ledger.view().charges.filter(({ key }) => key === transactionId);
  const itemsIn = async (region: (typeof REGIONS)[number], transactionId: string) => {
    const client = dynamodb.get(region);
    return client === undefined ? [] : itemsOf(client, transactionId, true);
  };

  return {
    effectsOf: async (transactionId) => {
      const [journal, record] = await itemsIn(EAST_2, transactionId);
      const had: Record<Effect, boolean> = {
        journal: journal !== undefined,
        charge: chargesOf(transactionId).length > 0,
        record: record !== undefined,
        notification: (await notificationsOf(transactionId)).length > 0,
        end: journal?.['status']?.S === 'PROCESSED',
      };
      return EFFECTS.filter((effect) => had[effect]);
    },
    expectOnePayment: async (transactionId) => {
      expect(chargesOf(transactionId)).toMatchObject([
        { amount_minor: '9999', currency: 'USD', status: 'succeeded' },
      ]);
      for (const region of REGIONS) {
        const [journal, ...records] = await itemsIn(region, transactionId);
        expect(journal).toMatchObject({ timestamp: { N: '0' }, status: { S: 'PROCESSED' } });
        expect(journal).not.toHaveProperty('open');
        expect(records).toMatchObject([
          { timestamp: journal?.['payment_timestamp'], amount: { S: '99.99' } },
        ]);
      }
      const all = await notificationsOf(transactionId);
      expect([...new Set(all.map(({ id }) => id))]).toEqual([`${transactionId}#PROCESSED`]);
      expect(new Set(all.map(({ text }) => text)).size).toBe(1);
    },
  };
}

/** Returns a way to take what has arrived since the last time. */
async function subscribeCollector(twin: RunningTwin): Promise<() => Promise<readonly Envelope[]>> {
  const sqs = twin.sqs(EAST_2);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'collector' }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const Endpoint = Attributes?.['QueueArn'] ?? '';
  const account = Endpoint.split(':')[4];
  for (const region of REGIONS) {
    const TopicArn = `arn:aws:sns:${region}:${account}:transactions-dev`;
    await twin.sns(region).send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
  }
  return async () => {
    const taken: Envelope[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return taken;
      taken.push(...Messages.map(({ Body }) => JSON.parse(Body ?? '') as Envelope));
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({
        Id: String(index),
        ReceiptHandle,
      }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  };
}

/** Has a sweeper take open work up now, instead of half a minute after it was begun. */
export async function makeDue(
  twin: RunningTwin,
  region: string,
  transactionId: string,
): Promise<void> {
  await twin.dynamodb(region).send(
    new UpdateItemCommand({
      TableName: TABLE,
      Key: { transaction_id: { S: transactionId }, timestamp: { N: '0' } },
      UpdateExpression: 'SET due_at = :now',
      ConditionExpression: 'attribute_exists(#open)',
      ExpressionAttributeNames: { '#open': 'open' },
      ExpressionAttributeValues: { ':now': { N: String(Date.now()) } },
    }),
  );
}
