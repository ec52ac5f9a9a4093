import { describe, expect, it } from 'vitest';
import { faultText, renderPlan } from '#cli/simulate/render-plan.ts';
import { plain } from '#cli/terminal.ts';
import type { Fault } from '#sim/faults/fault-spec.ts';
import { PLAN } from './fake-simulator.ts';

describe('renderPlan', () => {
  const text = renderPlan({ ...PLAN, crashAt: [12] }, plain);

  it('says what the world is, and what happens in it', () => {
    expect(text).toContain('strong (MRSC), active-passive, failback manual, a bank behind it');
    expect(text).toContain('50 payments over 30 s, 25 % accepted, 10 % refunded\n');
    expect(text).toContain('at step boundaries 12');
    expect(text).toContain('3 faults\n');
  });

  it('lists faults with their times', () => {
    expect(text).toContain('  at 5 s  for 20 s    F1 Region isolated: us-east-1\n');
    expect(text).toContain('  at 9 s  for 12.5 s  F19 stale DNS\n');
  });

  it('says what people order', () => {
    const orders = [
      { atMs: 3_000, forMs: 20_000, verb: 'manual' },
      { atMs: 4_500, forMs: 30_000, verb: 'drain', region: 'us-east-2' },
    ] as const;
    expect(text).not.toContain('ordered');
    const ordered = renderPlan({ ...PLAN, orders }, plain);
    expect(ordered).toContain('manual mode, at 3 s for 20 s');
    expect(ordered).toContain('us-east-2 drained, at 4.5 s for 30 s');
  });

  it('says which environments orchestrators meet, unless it is the one that was used last', () => {
    expect(text).not.toContain('environments');
    expect(renderPlan({ ...PLAN, placement: 'new' }, plain)).toMatch(
      /environments +a new one each/,
    );
  });

  it('says for how long no orchestrator had run, where that was so', () => {
    expect(text).not.toContain('orchestrators');
    expect(renderPlan({ ...PLAN, heartbeatAgeMs: 240_000 }, plain)).toMatch(
      /orchestrators +had not run for 240 s/,
    );
  });

  it('says what was made by hand, and who dies', () => {
    const visits = [{ afterMs: 40, region: 'us-east-2' }] as const;
    const handmade = [
      { atMs: 1_000, kind: 'accept' },
      { atMs: 2_500, kind: 'process', repeats: visits, refunds: [...visits, ...visits] },
    ] as const;
    const byHand = renderPlan({ ...PLAN, handmade, crashAt: [3, 9], crashKinds: ['api'] }, plain);
    expect(byHand).toContain(
      '2 payments by hand: accept at 1 s, process at 2.5 s with 1 repeat with 2 refunds\n',
    );
    expect(byHand).toContain('at step boundaries 3, 9 of api\n');
    const declined = { ...PLAN, handmade, workload: { ...PLAN.workload, declineShare: 1 } };
    expect(renderPlan(declined, plain)).toContain('2 refunds; 100 % declined\n');
    const many = Array.from({ length: 9 }, () => handmade[0]);
    expect(renderPlan({ ...PLAN, handmade: many }, plain)).toMatch(/9 payments .* 1 s, …\n/);
  });

  it('says what is never healed', () => {
    const faults = [{ id: 'F1', region: 'us-east-2', atMs: 0, forMs: null }] as const;
    expect(renderPlan({ ...PLAN, faults }, plain)).toContain('for good  F1');
  });
});

describe('faultText', () => {
  it.each<[Fault, string]>([
    [
      { id: 'F2', region: 'us-east-1', direction: 'in' },
      'F2 one-way partition: us-east-1, nothing gets in',
    ],
    [{ id: 'F5', probability: 0.025 }, 'F5 messages lost: 2.5 %'],
    [
      { id: 'F8', region: 'us-east-2', factor: 40 },
      'F8 grey Region: slow, with a green health check: us-east-2, 40 times as slow',
    ],
    [{ id: 'F11', region: 'us-east-1', process: 'api' }, 'F11 restart loop: us-east-1/api'],
    [
      { id: 'F23', to: ['us-east-1', 'us-east-2'] },
      'F23 two operators at once: to us-east-1 and to us-east-2',
    ],
  ])('of %j', (fault, text) => {
    expect(faultText(fault)).toBe(text);
  });
});
