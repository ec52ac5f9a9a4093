/** The event that EventBridge sends when a rule fires by the clock. */

/**
 * JSON text of the event. Pure. `id`: a UUID, new for each firing; the time has whole seconds.
 * Source: Amazon EventBridge User Guide, "Events from Amazon services", scheduled event.
 */
export function scheduledEvent(firing: {
  readonly id: string;
  readonly ruleArn: string;
  readonly firedAtEpochMs: number;
}): string {
  const [, , , region = '', account = ''] = firing.ruleArn.split(':');
  return JSON.stringify({
    version: '0',
    id: firing.id,
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account,
    time: new Date(firing.firedAtEpochMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    region,
    resources: [firing.ruleArn],
    detail: {},
  });
}
