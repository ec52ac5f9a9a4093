import { describe, expect, it } from 'vitest';
import { changesIn, type Observation } from '#ops/drill/observation.ts';
import { EAST_1, EAST_2, IMPAIRED } from './drill-world-fixture.ts';

function look(atEpochMs: number, changes: Partial<Observation> = {}): Observation {
  return {
    atEpochMs,
    regions: [{ name: EAST_1, condition: 'up', checkHealthy: true, serves: true }],
    dnsRegion: EAST_1,
    routing: { epoch: 0, active: [EAST_1] },
    alarms: { [EAST_1]: [] },
    ...changes,
  };
}
const blind = { regions: null, dnsRegion: null, routing: null, alarms: { [EAST_1]: null } };

describe('changesIn', () => {
  it('says nothing while nothing changes', () => {
    expect(changesIn([look(1), look(2), look(3)])).toEqual([]);
  });

  it('takes a look without answers for no change', () => {
    expect(changesIn([look(1), look(2, blind), look(3)])).toEqual([]);
  });

  it('tells each change once, when it is first seen', () => {
    const down = { name: EAST_1, condition: 'killed', checkHealthy: false, serves: false };
    const moved = { routing: { epoch: 1, active: [EAST_2] }, dnsRegion: EAST_2, regions: [down] };
    expect(changesIn([look(1), look(2, moved), look(3, moved)])).toEqual([
      { atEpochMs: 2, tone: 'bad', text: 'us-east-1 is killed' },
      { atEpochMs: 2, tone: 'bad', text: 'health check of us-east-1: unhealthy' },
      { atEpochMs: 2, tone: 'bad', text: 'us-east-1 does not answer /health with 200' },
      { atEpochMs: 2, tone: 'neutral', text: 'DNS answers with us-east-2 instead of us-east-1' },
      { atEpochMs: 2, tone: 'neutral', text: 'routing log at epoch 1: traffic goes to us-east-2' },
    ]);
  });

  it('tells an alarm that rings and one that is quiet again, not one that can’t be asked', () => {
    const rings = { alarms: { [EAST_1]: [IMPAIRED] } };
    const looks = [look(1), look(2, rings), look(3, blind), look(4, rings), look(5)];
    expect(changesIn(looks).map(({ atEpochMs, tone }) => [atEpochMs, tone])).toEqual([
      [2, 'bad'],
      [5, 'good'],
    ]);
  });
});
