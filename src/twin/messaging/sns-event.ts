/** The event that a function receives for one notification. */

/** The notification as SNS wraps it for queues. */
interface Envelope {
  readonly Type: string;
  readonly MessageId: string;
  readonly TopicArn: string;
  readonly Subject?: string;
  readonly Message: string;
  readonly Timestamp: string;
  readonly SignatureVersion: string;
  readonly Signature: string;
  readonly SigningCertURL: string;
  readonly UnsubscribeURL: string;
  readonly MessageAttributes?: Readonly<Record<string, unknown>>;
}

/**
 * JSON text of the event, from the JSON text of the envelope. Pure. Lambda writes two members
 * otherwise than the envelope (`SigningCertUrl`, `UnsubscribeUrl`) and has those that are absent there:
 * a null Subject, no attributes. Source: Lambda developer guide, "Using AWS Lambda with Amazon SNS".
 */
export function snsEvent(envelopeJson: string): string {
  const envelope = JSON.parse(envelopeJson) as Envelope;
  const { SigningCertURL, UnsubscribeURL, ...rest } = envelope;
  const record = {
    EventSource: 'aws:sns',
    EventVersion: '1.0',
    EventSubscriptionArn: new URL(UnsubscribeURL).searchParams.get('SubscriptionArn') ?? '',
    Sns: {
      Subject: null,
      MessageAttributes: {},
      ...rest,
      SigningCertUrl: SigningCertURL,
      UnsubscribeUrl: UnsubscribeURL,
    },
  };
  return JSON.stringify({ Records: [record] });
}
