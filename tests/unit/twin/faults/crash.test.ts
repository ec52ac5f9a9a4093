import { describe, expect, it } from 'vitest';
import { createFaultBoard } from '#twin/faults/fault-board.ts';

const EAST = 'us-east-1';
const OHIO = 'us-east-2';

function board() {
  return createFaultBoard({
    regions: [EAST, OHIO],
    witness: null,
    clock: { nowEpochMs: () => 1_000 },
    random: () => 0,
  });
}

describe('a crash', () => {
  const atPut = { region: EAST, kind: 'crash', service: 'dynamodb', operation: 'PutItem' } as const;

  it('strikes once, at the operation of the service in the Region', () => {
    const faults = board();
    faults.inject({ ...atPut, moment: 'after' });
    expect(faults.crashAt(OHIO, 'dynamodb', 'PutItem')).toBeNull();
    expect(faults.crashAt(EAST, 'dynamodb', 'GetItem')).toBeNull();
    expect(faults.crashAt(EAST, 'sqs', 'PutItem')).toBeNull();
    expect(faults.active()).toHaveLength(1);
    expect(faults.crashAt(EAST, 'dynamodb', 'PutItem')).toBe('after');
    expect(faults.active()).toEqual([]);
    expect(faults.crashAt(EAST, 'dynamodb', 'PutItem')).toBeNull();
  });

  it('lets as many calls pass as it skips, and shows how many are left', () => {
    const faults = board();
    faults.inject({ ...atPut, moment: 'before', skip: 2 });
    expect(faults.crashAt(EAST, 'dynamodb', 'PutItem')).toBeNull();
    expect(faults.active()).toMatchObject([{ id: 'fault-1', skip: 1 }]);
    expect(faults.crashAt(EAST, 'dynamodb', 'PutItem')).toBeNull();
    expect(faults.crashAt(EAST, 'dynamodb', 'PutItem')).toBe('before');
  });

  it('counts calls beside others, and only one of them strikes at a call', () => {
    const faults = board();
    faults.inject({ ...atPut, moment: 'after' });
    faults.inject({ ...atPut, moment: 'before', skip: 1 });
    faults.inject({ ...atPut, moment: 'after' });
    expect(faults.crashAt(EAST, 'dynamodb', 'PutItem')).toBe('after');
    expect(faults.crashAt(EAST, 'dynamodb', 'PutItem')).toBe('before');
    expect(faults.crashAt(EAST, 'dynamodb', 'PutItem')).toBe('after');
  });

  it('neither changes a condition nor the fate of a call, and is healed', () => {
    const faults = board();
    faults.inject({ ...atPut, moment: 'after' });
    expect(faults.conditionOf(EAST)).toBe('up');
    expect(faults.fateOf(EAST, 'dynamodb', 'PutItem').outcome).toBe('proceed');
    expect(faults.heal(EAST)).toHaveLength(1);
    expect(faults.crashAt(EAST, 'dynamodb', 'PutItem')).toBeNull();
  });
});
