import { describe, expect, it } from 'vitest';
import { createSimHost } from '#cli/simulate/sim-host.ts';

/** Steps that note their number, and a promise reaction that does. */
function counting(steps: number, seen: string[]): () => boolean {
  let step = 0;
  return () => {
    step += 1;
    const number = step;
    seen.push(`step ${number}`);
    void Promise.resolve()
      .then(() => Promise.resolve())
      .then(() => seen.push(`reaction ${number}`));
    return number < steps;
  };
}

describe('createSimHost', () => {
  it('runs every promise reaction before the next step', async () => {
    const seen: string[] = [];
    await createSimHost().drive(counting(3, seen));
    await Promise.resolve();
    expect(seen.slice(0, 5)).toEqual(['step 1', 'reaction 1', 'step 2', 'reaction 2', 'step 3']);
  });

  it('goes on for more steps than one turn has', async () => {
    let steps = 0;
    await createSimHost().drive(() => {
      steps += 1;
      return steps < 2_500;
    });
    expect(steps).toBe(2_500);
  });

  it('drives run after run', async () => {
    const host = createSimHost();
    const seen: string[] = [];
    await host.drive(counting(2, seen));
    await host.drive(counting(2, seen));
    expect(seen.filter((text) => text.startsWith('step'))).toHaveLength(4);
  });

  it('ends a run with the error that a step throws', async () => {
    const host = createSimHost();
    const broken = host.drive(() => {
      throw new RangeError('over');
    });
    await expect(broken).rejects.toThrow('over');
    await expect(host.drive(() => false)).resolves.toBeUndefined();
  });

  it('rejects a second run while one goes on', async () => {
    const host = createSimHost();
    const first = host.drive(() => false);
    await expect(host.drive(() => false)).rejects.toThrow('one run at a time');
    await first;
  });
});
