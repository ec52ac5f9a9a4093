/** What was seen of the target while a drill ran. */

/** One look. Null where a part did not answer in time: that is no evidence of anything. */
export interface Observation {
  readonly atEpochMs: number;
  readonly regions:
    | readonly {
        readonly name: string;
        readonly condition: string;
        readonly checkHealthy: boolean;
        /** Its own `/health` answered 200; null: not asked in this look. */
        readonly serves: boolean | null;
      }[]
    | null;
  /** Region that DNS answers with. */
  readonly dnsRegion: string | null;
  readonly routing: { readonly epoch: number; readonly active: readonly string[] } | null;
  /** Alarms that are in ALARM, by Region; null for a Region that did not say. */
  readonly alarms: Readonly<Record<string, readonly string[] | null>>;
}

/** A line of the timeline. */
export interface TimelineEntry {
  readonly atEpochMs: number;
  readonly tone: 'good' | 'bad' | 'neutral';
  readonly text: string;
}

/** What changed from look to look, oldest first. Pure. */
export function changesIn(observations: readonly Observation[]): readonly TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  // What was last known of each part: a look without an answer is not a change.
  const known = new Map<string, string>();
  const note = (
    atEpochMs: number,
    part: string,
    value: string,
    line: (before: string) => Omit<TimelineEntry, 'atEpochMs'>,
  ): void => {
    const before = known.get(part);
    known.set(part, value);
    if (before !== undefined && before !== value) entries.push({ atEpochMs, ...line(before) });
  };
  for (const { atEpochMs, regions, dnsRegion, routing, alarms } of observations) {
    for (const { name, condition, checkHealthy, serves } of regions ?? []) {
      note(atEpochMs, `condition ${name}`, condition, () => ({
        tone: condition === 'up' ? 'good' : 'bad',
        text: `${name} is ${condition}`,
      }));
      note(atEpochMs, `check ${name}`, String(checkHealthy), () => ({
        tone: checkHealthy ? 'good' : 'bad',
        text: `health check of ${name}: ${checkHealthy ? 'healthy' : 'unhealthy'}`,
      }));
      if (serves === null) continue;
      note(atEpochMs, `serves ${name}`, String(serves), () => ({
        tone: serves ? 'good' : 'bad',
        text: `${name} ${serves ? 'answers /health with 200' : 'does not answer /health with 200'}`,
      }));
    }
    if (dnsRegion !== null) {
      note(atEpochMs, 'dns', dnsRegion, (before) => ({
        tone: 'neutral',
        text: `DNS answers with ${dnsRegion} instead of ${before}`,
      }));
    }
    if (routing !== null) {
      note(atEpochMs, 'routing', `${routing.epoch} ${routing.active.join()}`, () => ({
        tone: 'neutral',
        text: `routing log at epoch ${routing.epoch}: traffic goes to ${routing.active.join(' and ')}`,
      }));
    }
    for (const [region, ringing] of Object.entries(alarms)) {
      if (ringing === null) continue;
      // One that rings at its first mention was quiet before, as preflight saw to it.
      for (const name of ringing) {
        if (!known.has(alarmPart(region, name))) known.set(alarmPart(region, name), 'OK');
      }
      for (const part of known.keys()) {
        if (!part.startsWith(alarmPart(region, ''))) continue;
        const name = part.slice(alarmPart(region, '').length);
        const rings = ringing.includes(name);
        note(atEpochMs, part, rings ? 'ALARM' : 'OK', () => ({
          tone: rings ? 'bad' : 'good',
          text: `alarm ${name} in ${region}: ${rings ? 'ALARM' : 'OK'}`,
        }));
      }
    }
  }
  return entries;
}

function alarmPart(region: string, name: string): string {
  return `alarm ${region} ${name}`;
}
