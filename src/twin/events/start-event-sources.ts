/** Everything that invokes functions besides the REST API: queues and schedules of every Region. */

import { randomUUID } from 'node:crypto';
import type { RolePrincipal } from '../endpoint/authorizer.ts';
import type { AwsEndpoint } from '../endpoint/aws-endpoint.ts';
import type { Network } from '../faults/fault.ts';
import { mayInvoke } from '../iam/may-invoke.ts';
import type { InvocationOutcome } from '../region/lambda/invocation.ts';
import type {
  EventSourceModel,
  QueueModel,
  RegionModel,
  ScheduleModel,
  TwinModel,
} from '../region-model.ts';
import type { AsyncInvocation, AsyncInvoker } from './async-invoker.ts';
import { type EventClock, SYSTEM_CLOCK } from './event-clock.ts';
import { type RegionPresence, regionPresence } from './region-presence.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';
import { createSqsCalls } from './sqs-calls.ts';
import { createSqsPoller, type SqsPoller } from './sqs-poller.ts';

export interface EventSourcesOptions {
  readonly model: TwinModel;
  readonly network: Pick<Network, 'conditionOf' | 'onChange'>;
  readonly call: AwsEndpoint['call'];
  /** The execution role of a function, as its own calls carry it. */
  readonly principalOf: (region: string, functionName: string) => RolePrincipal;
  readonly invoke: (invocation: AsyncInvocation) => Promise<InvocationOutcome>;
  readonly submit: AsyncInvoker['submit'];
  /** How many times as fast as on AWS schedules fire. */
  readonly scheduleSpeed: number;
  readonly report: (message: string) => void;
  /** @default the machine's own time */
  readonly clock?: EventClock;
}

export interface EventSourceStatus {
  readonly region: string;
  /** Queue name. */
  readonly queue: string;
  /** Function name. */
  readonly function: string;
  readonly enabled: boolean;
  /** What went wrong last and has not gone well since; null when nothing has. */
  readonly lastError: string | null;
}

export interface EventSources {
  /** Of every mapping. */
  status(): readonly EventSourceStatus[];
  stop(): Promise<void>;
}

/** Starts polling and firing in every Region that runs; a Region that comes back is taken up again. */
export function startEventSources(options: EventSourcesOptions): EventSources {
  const { model, network } = options;
  const mappings: { readonly status: () => EventSourceStatus; readonly poller: SqsPoller }[] = [];
  const schedulers: Scheduler[] = [];
  for (const region of model.regions) {
    const presence = regionPresence(network, region.region);
    for (const source of region.eventSources) {
      mappings.push(mapping(region, source, presence, options));
    }
    schedulers.push(scheduler(region, presence, options));
  }
  for (const { poller, status } of mappings) if (status().enabled) poller.start();
  for (const one of schedulers) one.start();
  return {
    status: () => mappings.map(({ status }) => status()),
    async stop() {
      for (const one of schedulers) one.stop();
      await Promise.all(mappings.map(({ poller }) => poller.stop()));
    },
  };
}

function mapping(
  { region, queues }: RegionModel,
  source: EventSourceModel,
  presence: RegionPresence,
  options: EventSourcesOptions,
) {
  const { functionArn, queueArn, enabled } = source;
  const name = lastPart(functionArn);
  // The assembly reader has found the queue.
  const queue = queues.find(({ arn }) => arn === queueArn) as QueueModel;
  const poller = createSqsPoller({
    source,
    presence,
    clock: options.clock ?? SYSTEM_CLOCK,
    calls: createSqsCalls({
      call: options.call,
      principal: options.principalOf(region, name),
      queueUrl: queue.url,
    }),
    invoke: (event, requestId) => options.invoke({ region, functionArn, event, requestId }),
  });
  const status = (): EventSourceStatus => ({
    region,
    queue: queue.name,
    function: name,
    enabled,
    lastError: poller.lastError(),
  });
  return { poller, status };
}

function scheduler(
  model: RegionModel,
  presence: RegionPresence,
  options: EventSourcesOptions,
): Scheduler {
  const { region } = model;
  return createScheduler({
    presence,
    schedules: model.schedules.map((rule) => allowed(rule, model, options.report)),
    clock: options.clock ?? SYSTEM_CLOCK,
    speed: options.scheduleSpeed,
    submit: (functionArn, event) =>
      options.submit({ region, functionArn, event, requestId: randomUUID() }),
  });
}

/** Without the targets that the function's permissions keep the rule from; they are reported. */
function allowed(
  rule: ScheduleModel,
  { region, functions }: RegionModel,
  report: (message: string) => void,
): ScheduleModel {
  const targets = rule.targets.filter(({ functionArn }) => {
    const target = functions.find(({ arn }) => arn === functionArn);
    if (target === undefined) return false;
    if (mayInvoke(target, 'events.amazonaws.com', rule.ruleArn)) return true;
    report(
      `${region} rule ${rule.ruleName} may not invoke ${target.name}, so it never does: add an ` +
        `AWS::Lambda::Permission for events.amazonaws.com with source ${rule.ruleArn}`,
    );
    return false;
  });
  return { ...rule, targets };
}

function lastPart(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
