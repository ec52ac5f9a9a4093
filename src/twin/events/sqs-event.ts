/** The event that Lambda makes of SQS messages. */

/** A message as ReceiveMessage gives it. */
export interface SqsMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MD5OfMessageAttributes?: string;
  readonly MessageAttributes?: Readonly<
    Record<
      string,
      { readonly DataType: string; readonly StringValue?: string; readonly BinaryValue?: string }
    >
  >;
}

/**
 * JSON text of the event. Pure.
 * Source: Lambda developer guide, "Using Lambda with Amazon SQS", example event.
 */
export function sqsEvent(
  messages: readonly SqsMessage[],
  queue: { readonly arn: string; readonly region: string },
): string {
  return JSON.stringify({
    Records: messages.map((message) => ({
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes ?? {},
      messageAttributes: messageAttributes(message),
      ...(message.MD5OfMessageAttributes === undefined
        ? {}
        : { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
      md5OfBody: message.MD5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: queue.arn,
      awsRegion: queue.region,
    })),
  });
}

function messageAttributes({ MessageAttributes: attributes = {} }: SqsMessage): object {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      {
        ...(StringValue === undefined ? {} : { stringValue: StringValue }),
        ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
        stringListValues: [],
        binaryListValues: [],
        dataType: DataType,
      },
    ]),
  );
}

/** Lambda closes a batch before its event passes the payload limit; what it adds is not published. */
const EVENT_BYTES_MAX = 6_000_000;
/** Names and identifiers around the body of one record, generously. */
const RECORD_BYTES = 2_000;

/** Splits a batch into parts whose events Lambda takes, in order; most batches are one part. Pure. */
export function splitBySize(messages: readonly SqsMessage[]): readonly (readonly SqsMessage[])[] {
  const parts: SqsMessage[][] = [];
  let leftBytes = 0;
  for (const message of messages) {
    // As JSON text, where a quote or a control character takes more than itself.
    const bytes =
      Buffer.byteLength(JSON.stringify([message.Body, message.MessageAttributes])) + RECORD_BYTES;
    const part = parts.at(-1);
    if (part === undefined || bytes > leftBytes) {
      parts.push([message]);
      leftBytes = EVENT_BYTES_MAX - bytes;
    } else {
      part.push(message);
      leftBytes -= bytes;
    }
  }
  return parts;
}
