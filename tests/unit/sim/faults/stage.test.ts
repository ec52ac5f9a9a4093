import { describe, expect, it } from 'vitest';
import { Coverage } from '#sim/faults/coverage.ts';
import type { Stage } from '#sim/faults/fault-ids.ts';
import { createStageWatch, type StageWatch } from '#sim/faults/stage.ts';

type Step = readonly [tell: (watch: StageWatch) => void, then: Stage];

const hurt: Step[0] = (watch) => watch.regionHurt();
const healed: Step[0] = (watch) => watch.regionHealed();
const failover: Step[0] = (watch) => watch.moved('failover');
const failback: Step[0] = (watch) => watch.moved('failback');
const followed: Step[0] = (watch) => watch.followed();
const quiet: Step[0] = (watch) => watch.quiet();

const COURSES: readonly (readonly [about: string, steps: readonly Step[]])[] = [
  [
    'goes through a failover and back',
    [
      [hurt, 'hurt'],
      [failover, 'moving'],
      [followed, 'moved'],
      [healed, 'healed'],
      [failback, 'returning'],
      [followed, 'healed'],
      [quiet, 'steady'],
    ],
  ],
  [
    'stays hurt until the last of overlapping faults is over',
    [
      [hurt, 'hurt'],
      [hurt, 'hurt'],
      [healed, 'hurt'],
      [healed, 'healed'],
      [quiet, 'steady'],
    ],
  ],
  [
    'is moving until what follows is done, whatever heals meanwhile',
    [
      [hurt, 'hurt'],
      [failover, 'moving'],
      [healed, 'moving'],
      [followed, 'healed'],
    ],
  ],
  [
    'is healed and not steady while traffic is elsewhere',
    [
      [failover, 'moving'],
      [followed, 'healed'],
      [quiet, 'healed'],
    ],
  ],
  ['takes a drain for a move', [[(watch) => watch.moved('drain'), 'moving']]],
  [
    'takes a failover that brings traffic home for a return',
    [
      [failover, 'moving'],
      [(watch) => watch.moved('failover', true), 'returning'],
    ],
  ],
  [
    'leaves the stage alone where no traffic is moved',
    [
      [hurt, 'hurt'],
      [(watch) => watch.moved('mode'), 'hurt'],
      [(watch) => watch.moved('undrain'), 'hurt'],
    ],
  ],
];

describe('the stage watch', () => {
  it.each(COURSES)('%s', (_about, steps) => {
    const coverage = new Coverage();
    const watch = createStageWatch(coverage);
    const seen: Stage[] = [];
    for (const [tell] of steps) {
      tell(watch);
      seen.push(coverage.stage);
    }
    expect(seen).toEqual(steps.map(([, then]) => then));
  });

  it('begins steady', () => {
    const coverage = new Coverage();
    coverage.stage = 'hurt';
    createStageWatch(coverage);
    expect(coverage.stage).toBe('steady');
  });
});
