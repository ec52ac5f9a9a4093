/**
 * What wakes the orchestrator: an alarm's message, the tick of a schedule, or an operator.
 *
 * Anything else is an error, so that it is retried, kept as a dead letter, and rings.
 */

import { OPS_MESSAGE_KIND_ATTRIBUTE, OPS_REPORT_KIND } from '#contract/names.ts';
import type { AlarmHint } from './observer.ts';
import { ROUTING_MODES, type RoutingMode } from './routing-log.ts';

export type OpsEvent =
  | { readonly kind: 'tick' }
  /** What an orchestrator said of its own work: the topic carries it to both. */
  | { readonly kind: 'report' }
  | {
      readonly kind: 'alarm';
      readonly alarmName: string;
      readonly state: string;
      /** Null: the message does not say which Region, or when. */
      readonly hint: AlarmHint | null;
    }
  | { readonly kind: 'operator'; readonly request: OperatorRequest };

export type OperatorRequest = { readonly actor: string; readonly reason: string } & (
  | { readonly verb: 'failover'; readonly to: string }
  | { readonly verb: 'failback' }
  | { readonly verb: 'drain' | 'undrain'; readonly region: string }
  | { readonly verb: 'mode'; readonly mode: RoutingMode }
);

/** Thrown for an event that can't be read. The message names the member and says what was expected. */
export class UnreadableEventError extends Error {
  override readonly name = 'UnreadableEventError';
}

/** Epoch milliseconds of a time as CloudWatch writes it, `2026-11-23T01:02:03.004+0000`; null: it is none. */
type ParseTime = (text: string) => number | null;

const STATES = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

/**
 * Reads one invocation's events: SNS may bundle records, and a tick or an operator is one. `composite`: the
 * name of the alarm that counts as evidence. Pure. Throws `UnreadableEventError`.
 */
export function readOpsEvents(
  event: unknown,
  composite: string,
  parseTime: ParseTime,
): readonly OpsEvent[] {
  const members = objectOf(event, 'the event');
  if ('operator' in members) return [{ kind: 'operator', request: operatorRequest(members) }];
  if (members['source'] === 'aws.events') return [{ kind: 'tick' }];
  const records = members['Records'];
  if (!Array.isArray(records) || records.length === 0) {
    throw new UnreadableEventError(
      'the event is no SNS notification, no scheduled event and no operator request',
    );
  }
  return records.map((record: unknown) => alarmOf(record, composite, parseTime));
}

function alarmOf(record: unknown, composite: string, parseTime: ParseTime): OpsEvent {
  const sns = objectOf(objectOf(record, 'a record')['Sns'], 'Sns of a record');
  if (isReport(sns['MessageAttributes'])) return { kind: 'report' };
  const message = objectOf(parsed(sns['Message']), 'the SNS message');
  const alarmName = textOf(message, 'AlarmName');
  const state = textOf(message, 'NewStateValue');
  if (!STATES.includes(state)) {
    throw new UnreadableEventError(`NewStateValue must be one of ${STATES.join(', ')}`);
  }
  const region = regionOfArn(message['AlarmArn']);
  const time = message['StateChangeTime'];
  const changedAtEpochMs = typeof time === 'string' ? parseTime(time) : null;
  const isEvidence = alarmName === composite && region !== null && changedAtEpochMs !== null;
  const hint = isEvidence ? { region, impaired: state === 'ALARM', changedAtEpochMs } : null;
  return { kind: 'alarm', alarmName, state, hint };
}

/** `{"kind":{"Type":"String","Value":"failover-report"}}`. */
function isReport(attributes: unknown): boolean {
  if (typeof attributes !== 'object' || attributes === null) return false;
  const kind = (attributes as Readonly<Record<string, unknown>>)[OPS_MESSAGE_KIND_ATTRIBUTE];
  return (
    typeof kind === 'object' && kind !== null && 'Value' in kind && kind.Value === OPS_REPORT_KIND
  );
}

function operatorRequest(members: Readonly<Record<string, unknown>>): OperatorRequest {
  const operator = objectOf(members['operator'], 'operator');
  const said = { actor: textOf(operator, 'actor'), reason: textOf(operator, 'reason') };
  const verb = textOf(operator, 'verb');
  switch (verb) {
    case 'failover':
      return { ...said, verb, to: textOf(operator, 'to') };
    case 'failback':
      return { ...said, verb };
    case 'drain':
    case 'undrain':
      return { ...said, verb, region: textOf(operator, 'region') };
    case 'mode': {
      const text = textOf(operator, 'mode');
      const mode = ROUTING_MODES.find((one) => one === text);
      if (mode === undefined) throw new UnreadableEventError('mode must be auto or manual');
      return { ...said, verb, mode };
    }
    default:
      throw new UnreadableEventError('verb must be failover, failback, drain, undrain or mode');
  }
}

function parsed(text: unknown): unknown {
  if (typeof text !== 'string') throw new UnreadableEventError('the SNS message is no text');
  try {
    return JSON.parse(text);
  } catch {
    throw new UnreadableEventError('the SNS message is no JSON');
  }
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UnreadableEventError(`${what} must be an object`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function textOf(members: Readonly<Record<string, unknown>>, name: string): string {
  const value = members[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new UnreadableEventError(`${name} must be a text that is not empty`);
}

/** `arn:aws:cloudwatch:us-east-1:123456789012:alarm:name`. The message's `Region` is a name for people. */
function regionOfArn(arn: unknown): string | null {
  const region = typeof arn === 'string' ? arn.split(':')[3] : undefined;
  return region === undefined || region === '' ? null : region;
}
