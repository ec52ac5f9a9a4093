import { describe, expect, it } from 'vitest';
import { createRegionGate } from '#twin/endpoint/region-gate.ts';
import { createFaultBoard } from '#twin/faults/fault-board.ts';

const EAST = 'us-east-1';
const OHIO = 'us-east-2';
const { signal } = new AbortController();

function world() {
  const faults = createFaultBoard({
    regions: [EAST, OHIO],
    witness: null,
    clock: { nowEpochMs: () => 0 },
    random: () => 0,
  });
  const gate = createRegionGate(faults);
  /** How calls of a Region's functions to another, and the answers to them, stand. */
  const standing = (from: string | null, region: string) => [
    gate.standing({ region, from, signal }),
    gate.standing({ region, from, signal, isAnswer: true }),
  ];
  return { faults, gate, standing };
}

describe('a partition out of a Region', () => {
  it('holds the calls of its functions, and the answers to others', () => {
    const { faults, standing } = world();
    faults.inject({ region: EAST, kind: 'partition', direction: 'out' });
    expect(standing(EAST, OHIO)).toEqual(['held', 'open']);
    expect(standing(OHIO, EAST)).toEqual(['open', 'held']);
    expect(standing(EAST, EAST)).toEqual(['open', 'open']);
    expect(standing(null, EAST)).toEqual(['open', 'open']);
  });

  it('lets what it holds go on when it alone is healed', async () => {
    const { faults, gate } = world();
    faults.inject({ region: EAST, kind: 'latency', latencyMs: 5 });
    const { id } = faults.inject({ region: EAST, kind: 'partition', direction: 'out' });
    const passage = gate.pass({ region: OHIO, from: EAST, signal });
    faults.healOne(id);
    expect(await passage).toBe('open');
  });
});
