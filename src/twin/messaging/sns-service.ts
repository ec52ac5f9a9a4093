/** SNS at the twin's endpoint: the query protocol, over the fauxqs instance of each Region. */

import type {
  AwsService,
  AwsWireError,
  NeededPermission,
  ServiceAnswer,
  ServiceCall,
} from '../endpoint/aws-service.ts';
import { withLambdaProtocol, withOwner } from './account-stores.ts';
import { queueRegionOf } from './arn.ts';
import { escapeXml } from './escape-xml.ts';
import type { RegionMessaging } from './region-messaging.ts';
import { isFifo } from './subscriptions.ts';

/** What fauxqs 2.4.1 does, with the IAM action that it needs. */
const ACTION_OF: Readonly<Record<string, string>> = {
  CreateTopic: 'sns:CreateTopic',
  DeleteTopic: 'sns:DeleteTopic',
  GetSubscriptionAttributes: 'sns:GetSubscriptionAttributes',
  GetTopicAttributes: 'sns:GetTopicAttributes',
  ListSubscriptions: 'sns:ListSubscriptions',
  ListSubscriptionsByTopic: 'sns:ListSubscriptionsByTopic',
  ListTagsForResource: 'sns:ListTagsForResource',
  ListTopics: 'sns:ListTopics',
  Publish: 'sns:Publish',
  PublishBatch: 'sns:Publish',
  SetSubscriptionAttributes: 'sns:SetSubscriptionAttributes',
  SetTopicAttributes: 'sns:SetTopicAttributes',
  Subscribe: 'sns:Subscribe',
  TagResource: 'sns:TagResource',
  Unsubscribe: 'sns:Unsubscribe',
  UntagResource: 'sns:UntagResource',
};

/**
 * SNS of every Region in `byRegion`, each with its own topics only. Delivers to SQS queues and, for
 * subscriptions of the templates, Lambda functions of every Region; anything that would be dropped
 * silently (other protocols, phone numbers, messages that differ by protocol) is refused. Delivery
 * does not ask the queue's policy, as AWS would.
 */
export function createSnsService(byRegion: ReadonlyMap<string, RegionMessaging>): AwsService {
  // A call is looked at twice, for its permissions and to be done: its form is parsed once.
  const parsed = new WeakMap<ServiceCall, URLSearchParams>();

  function formOf(call: ServiceCall): URLSearchParams {
    const known = parsed.get(call);
    if (known !== undefined) return known;
    const form = new URLSearchParams(formText(call.url, call.body));
    parsed.set(call, form);
    return form;
  }

  function messagingOf(call: ServiceCall): RegionMessaging {
    const messaging = byRegion.get(call.region);
    if (messaging === undefined) throw new Error(`No messaging runs in ${call.region}.`);
    return messaging;
  }

  async function handle(call: ServiceCall): Promise<ServiceAnswer> {
    const messaging = messagingOf(call);
    const form = formOf(call);
    const refusal = refuse(call.operation, form, messaging, byRegion);
    if (refusal !== null) return errorAnswer(call, refusal);
    if (form.has('TargetArn') && !form.has('TopicArn')) {
      // fauxqs knows a topic by TopicArn only; for a topic the two mean the same.
      form.set('TopicArn', form.get('TargetArn') ?? '');
      return messaging.sns(form.toString());
    }
    const answer = await messaging.sns(formText(call.url, call.body));
    if (call.operation.startsWith('Publish')) return answer;
    const body = withOwner(String(answer.body), messaging.accountId);
    const { subscriptions } = messaging.stores.snsStore;
    const isLambda = subscriptions.get(form.get('SubscriptionArn') ?? '')?.protocol === 'lambda';
    return { ...answer, body: isLambda ? withLambdaProtocol(body) : body };
  }

  function permissionsOf(call: ServiceCall): readonly NeededPermission[] {
    const { region, accountId } = messagingOf(call);
    const form = formOf(call);
    const action = ACTION_OF[call.operation] ?? `sns:${call.operation}`;
    return [{ action, resourceArn: topicArnIn(form) ?? ownArn(region, accountId, form) }];
  }

  return { name: 'sns', operationOf, permissionsOf, handle, errorAnswer };
}

function operationOf(_headers: ServiceCall['headers'], url: string, body: Buffer): string | null {
  const found = /(?:^|&)Action=([A-Za-z]+)(?:&|$)/.exec(formText(url, body));
  return found?.[1] ?? null;
}

/** The form of a POST, or the query of a GET. */
function formText(url: string, body: Buffer): string {
  if (body.length > 0) return body.toString('utf8');
  const query = url.indexOf('?');
  return query === -1 ? '' : url.slice(query + 1);
}

function topicArnIn(form: URLSearchParams): string | null {
  const subscription = form.get('SubscriptionArn');
  return (
    form.get('TopicArn') ??
    form.get('TargetArn') ??
    form.get('ResourceArn') ??
    subscription?.split(':').slice(0, 6).join(':') ??
    null
  );
}

function ownArn(region: string, accountId: string, form: URLSearchParams): string {
  return `arn:aws:sns:${region}:${accountId}:${form.get('Name') ?? '*'}`;
}

/** What the call is refused for before fauxqs sees it; null when it may go on. */
function refuse(
  operation: string,
  form: URLSearchParams,
  messaging: RegionMessaging,
  byRegion: ReadonlyMap<string, RegionMessaging>,
): AwsWireError | null {
  if (ACTION_OF[operation] === undefined) {
    return invalid('UnsupportedOperation', `The twin does not run sns:${operation}.`);
  }
  const topicArn = form.get('TopicArn') ?? form.get('TargetArn');
  if (topicArn !== null) {
    const wrong = checkTopicArn(topicArn, messaging);
    if (wrong !== null) return wrong;
  }
  if (operation === 'Publish') return checkPublish(form);
  if (operation === 'Subscribe') return checkSubscribe(form, messaging, byRegion);
  if (operation === 'SetSubscriptionAttributes') return checkAttribute(form, messaging);
  return null;
}

function checkTopicArn(topicArn: string, messaging: RegionMessaging): AwsWireError | null {
  const parts = topicArn.split(':');
  if (parts.length < 6) {
    const reason = `An ARN must have at least 6 elements, not ${parts.length}`;
    return invalid('InvalidParameter', `Invalid parameter: TopicArn Reason: ${reason}`);
  }
  if (parts[3] !== messaging.region) {
    return invalid('InvalidParameter', 'Invalid parameter: TopicArn');
  }
  if (messaging.stores.snsStore.getTopic(topicArn) === undefined) {
    return { status: 404, code: 'NotFound', message: 'Topic does not exist' };
  }
  return null;
}

function checkPublish(form: URLSearchParams): AwsWireError | null {
  if (form.has('PhoneNumber')) {
    return invalid('InvalidParameter', 'The twin sends no text messages: publish to a topic.');
  }
  if (form.has('MessageStructure')) {
    return invalid('InvalidParameter', 'The twin does not run MessageStructure: leave it out.');
  }
  return null;
}

function checkSubscribe(
  form: URLSearchParams,
  { region }: RegionMessaging,
  byRegion: ReadonlyMap<string, RegionMessaging>,
): AwsWireError | null {
  const endpoint = form.get('Endpoint') ?? '';
  if (form.get('Protocol') !== 'sqs') {
    return invalid(
      'InvalidParameter',
      'Subscribe a queue: a subscription of a function belongs in the template.',
    );
  }
  const home = queueRegionOf(endpoint) ?? '';
  if (byRegion.get(home)?.stores.sqsStore.getQueueByArn(endpoint) === undefined) {
    const text = `Invalid parameter: ${endpoint} is no queue of ${[...byRegion.keys()].join(', ')}.`;
    return invalid('InvalidParameter', text);
  }
  if (home !== region && (isFifo(endpoint) || isFifo(form.get('TopicArn') ?? ''))) {
    const text =
      'Invalid parameter: the twin delivers nothing between Regions from FIFO topics or to FIFO queues.';
    return invalid('InvalidParameter', text);
  }
  return null;
}

function checkAttribute(form: URLSearchParams, { stores }: RegionMessaging): AwsWireError | null {
  const subscription = stores.snsStore.subscriptions.get(form.get('SubscriptionArn') ?? '');
  if (subscription?.protocol !== 'lambda') return null;
  if (form.get('AttributeName') !== 'RawMessageDelivery') return null;
  return invalid('InvalidParameter', 'Invalid parameter: SNS has no raw delivery to Lambda.');
}

function invalid(code: string, message: string): AwsWireError {
  return { status: 400, code, message };
}

function errorAnswer(call: ServiceCall, error: AwsWireError): ServiceAnswer {
  const type = error.status < 500 ? 'Sender' : 'Receiver';
  const body = `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>${type}</Type><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error><RequestId>${call.requestId}</RequestId></ErrorResponse>`;
  return { status: error.status, headers: { 'content-type': 'text/xml' }, body };
}
