import { describe, expect, it } from 'vitest';
import { createFaultBoard } from '#twin/faults/fault-board.ts';

const EAST = 'us-east-1';
const OHIO = 'us-east-2';
const WITNESS = 'us-west-2';

function board(laggingRegions: readonly string[] = []) {
  return createFaultBoard({
    regions: [EAST, OHIO],
    witness: WITNESS,
    laggingRegions,
    clock: { nowEpochMs: () => 1_000 },
    random: () => 0,
  });
}

describe('replication', () => {
  it('pauses for the replicas of one Region, and for nothing else', () => {
    const faults = board();
    const { replication } = faults;
    const first = faults.inject({ region: EAST, kind: 'pause' });
    expect(faults.inject({ region: EAST, kind: 'pause' })).toBe(first);
    expect([replication.reaches(EAST, OHIO), replication.reaches(OHIO, EAST)]).toEqual([
      false,
      false,
    ]);
    expect(replication.reaches(EAST, EAST)).toBe(true);
    expect(replication.reaches(OHIO, WITNESS)).toBe(true);
    expect(faults.reaches(EAST, OHIO)).toBe(true);
    expect(replication.conditionOf(EAST)).toBe('up');
    faults.heal(EAST);
    expect(replication.reaches(EAST, OHIO)).toBe(true);
  });

  it('is cut by what cuts the network', () => {
    const faults = board();
    faults.inject({ region: EAST, kind: 'isolate' });
    expect(faults.replication.reaches(EAST, OHIO)).toBe(false);
  });

  it('lags out of one Region by the sum of its lags, without a delay of its calls', () => {
    const faults = board([EAST, OHIO]);
    expect(faults.replication.lagMsOutOf(EAST)).toBeNull();
    faults.inject({ region: EAST, kind: 'lag', latencyMs: 2_000 });
    faults.inject({ region: EAST, kind: 'lag', latencyMs: 500 });
    expect(faults.replication.lagMsOutOf(EAST)).toBe(2_500);
    expect(faults.replication.lagMsOutOf(OHIO)).toBeNull();
    expect(faults.fateOf(EAST, 'dynamodb', 'PutItem').latencyMs).toBe(0);
  });

  it('tells its listeners of pauses, lags and cuts, and the others of cuts only', () => {
    const faults = board([EAST]);
    let replication = 0;
    let network = 0;
    const stop = faults.replication.onChange(() => void replication++);
    faults.onChange(() => void network++);
    faults.inject({ region: EAST, kind: 'pause' });
    faults.inject({ region: EAST, kind: 'lag', latencyMs: 5 });
    faults.inject({ region: EAST, kind: 'errors', rate: 1 });
    expect([replication, network]).toEqual([2, 0]);
    faults.inject({ region: OHIO, kind: 'isolate' });
    expect([replication, network]).toEqual([3, 1]);
    faults.heal(EAST);
    expect([replication, network]).toEqual([4, 1]);
    stop();
    faults.heal();
    expect([replication, network]).toEqual([4, 2]);
  });
});
