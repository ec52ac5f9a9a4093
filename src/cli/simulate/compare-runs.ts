/** In what two runs of one seed are not the same. Pure. */

import type { SimResult } from '#sim/sim-result.ts';

type Compared = Pick<SimResult, 'hash' | 'events' | 'virtualMs' | 'violations' | 'coverage'>;

/** For each difference what it is in, and both values: `events 10 and 11`. Empty: the runs agree. */
export function compareRuns(one: Compared, again: Compared): readonly string[] {
  const others = factsOf(again);
  return factsOf(one).flatMap(([name, value], at) => {
    const other = others[at]?.[1] ?? '';
    return value === other ? [] : [`${name} ${value} and ${other}`];
  });
}

/** In the same order for every run. The hash is of what was noted; timers, for one, show in the number of events alone. */
function factsOf({ hash, events, virtualMs, violations, coverage }: Compared): readonly Fact[] {
  const sum = (counts: Uint32Array): string =>
    String(counts.reduce((total, count) => total + count, 0));
  const messages = violations.map(({ invariant, message }) => `${invariant}: ${message}`);
  return [
    ['hash', hash],
    ['events', String(events)],
    ['virtual milliseconds', String(virtualMs)],
    ['violations', String(violations.length)],
    ['what was broken', messages.join('; ') || 'nothing'],
    ['coverage of phases', sum(coverage.byPhase)],
    ['coverage of stages', sum(coverage.byStage)],
  ];
}

type Fact = readonly [name: string, value: string];
