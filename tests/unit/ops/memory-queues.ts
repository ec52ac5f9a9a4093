/** A dead-letter queue and its payment queue in memory, behind the SDK's client interface. */

import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

interface StoredMessage {
  readonly id: string;
  readonly body: string;
  receives: number;
  isVisible: boolean;
}

export interface MemoryQueues {
  readonly client: SQSClient;
  readonly dead: StoredMessage[];
  /** Bodies that were sent to the payment queue. */
  readonly sent: string[];
  /** Operations that fail now, with what they throw. */
  readonly broken: Map<string, Error>;
}

/** `bodies`: of the dead letters there are; their ids are `<region>-0`, `<region>-1`, … */
export function createMemoryQueues(region: string, bodies: readonly string[]): MemoryQueues {
  const dead: StoredMessage[] = bodies.map((body, index) => ({
    id: `${region}-${index}`,
    body,
    receives: 3,
    isVisible: true,
  }));
  const sent: string[] = [];
  const broken = new Map<string, Error>();

  const receive = ({ input }: ReceiveMessageCommand) => {
    const taken = dead.filter(({ isVisible }) => isVisible).slice(0, input.MaxNumberOfMessages);
    for (const message of taken) {
      message.isVisible = false;
      message.receives += 1;
    }
    return {
      Messages: taken.map(({ id, body, receives }) => ({
        MessageId: id,
        ReceiptHandle: `receipt ${id}`,
        Body: body,
        Attributes: { SentTimestamp: '1700000000000', ApproximateReceiveCount: String(receives) },
        MessageAttributes: { trace: { DataType: 'String', StringValue: 'abc' } },
      })),
    };
  };
  const byReceipt = (receipt: string | undefined) =>
    dead.findIndex(({ id }) => `receipt ${id}` === receipt);

  const send = async (command: object): Promise<object> => {
    const fault = broken.get(command.constructor.name);
    if (fault !== undefined) throw fault;
    if (command instanceof GetQueueUrlCommand) {
      return { QueueUrl: `http://sqs/${command.input.QueueName}` };
    }
    if (command instanceof ReceiveMessageCommand) return receive(command);
    if (command instanceof GetQueueAttributesCommand) {
      const count = dead.filter(({ isVisible }) => isVisible).length;
      return { Attributes: { ApproximateNumberOfMessages: String(count) } };
    }
    if (command instanceof ChangeMessageVisibilityBatchCommand) {
      for (const { ReceiptHandle: receipt } of command.input.Entries ?? []) {
        const message = dead[byReceipt(receipt)];
        if (message !== undefined) message.isVisible = true;
      }
      return {};
    }
    if (command instanceof DeleteMessageCommand) {
      dead.splice(byReceipt(command.input.ReceiptHandle), 1);
      return {};
    }
    if (command instanceof SendMessageCommand) {
      if (command.input.QueueUrl !== 'http://sqs/payment-queue-dev')
        throw new Error('which queue?');
      sent.push(command.input.MessageBody ?? '');
      return {};
    }
    throw new Error(`unexpected ${command.constructor.name}`);
  };
  return { client: { send } as unknown as SQSClient, dead, sent, broken };
}

/** A connection that was never made: nothing was sent. */
export function refused(): Error {
  return Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
}
