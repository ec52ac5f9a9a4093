import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readPlanFile, writePlanFile } from '#cli/simulate/plan-file.ts';
import type { SimPlan } from '#sim/plan.ts';
import { PLAN } from './fake-simulator.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

function refusal(content: string): string {
  const path = join(folder, 'given.json');
  writeFileSync(path, content);
  try {
    readPlanFile(path, 'given.json');
  } catch (error) {
    return (error as Error).message;
  }
  return 'taken';
}

describe('a plan file', () => {
  it('is read as it was written', () => {
    const note = { failure: 'invariant 2', code: 'commit abc' };
    const path = writePlanFile(PLAN, note, join(folder, 'new', 'deep'));
    expect(readPlanFile(path, path)).toEqual(PLAN);
  });

  it('may have payments made by hand, and a name of its own', () => {
    const visits = [{ afterMs: 40, region: 'us-east-2' }] as const;
    const plan: SimPlan = {
      ...PLAN,
      crashKinds: ['api'],
      handmade: [{ atMs: 5, kind: 'process', repeats: visits, refunds: visits }],
    };
    const note = { failure: 'invariant 2', code: 'commit abc' };
    const path = writePlanFile(plan, note, folder, 'repeat');
    expect(path).toBe(join(folder, 'repeat.json'));
    expect(readPlanFile(path, path)).toEqual(plan);
  });

  it('may be a plan and nothing else', () => {
    expect(refusal(JSON.stringify(PLAN))).toBe('taken');
  });

  it('may have orders', () => {
    const times = { atMs: 1, forMs: 2 };
    const orders = [
      { ...times, verb: 'manual' },
      { ...times, verb: 'drain', region: 'us-east-1' },
    ];
    expect(refusal(JSON.stringify({ ...PLAN, orders }))).toBe('taken');
  });

  it.each([
    ['{', /is no JSON/],
    ['[]', /holds no plan/],
    ['{"plan": null}', /holds no plan/],
    [JSON.stringify({ ...PLAN, seed: 'one' }), /has no seed that is a whole number/],
    [JSON.stringify({ ...PLAN, workload: {} }), /has no workload.payments that is a number/],
    [JSON.stringify({ ...PLAN, topology: { policy: 1 } }), /has no topology.consistency/],
    [JSON.stringify({ ...PLAN, crashAt: 7 }), /has no crashAt/],
    [JSON.stringify({ ...PLAN, orders: [{ atMs: 1, forMs: 2, verb: 'drain' }] }), /has orders/],
    [JSON.stringify({ ...PLAN, orders: [{ atMs: 1, forMs: -2, verb: 'manual' }] }), /has orders/],
    [JSON.stringify({ ...PLAN, crashKinds: ['cook'] }), /has crashKinds that are no list of api, /],
    [JSON.stringify({ ...PLAN, handmade: [{ atMs: 1, kind: 'pay' }] }), /has handmade payments/],
    [
      JSON.stringify({
        ...PLAN,
        handmade: [{ atMs: 1, kind: 'accept', repeats: [{ afterMs: 1, region: 'eu-west-1' }] }],
      }),
      /has handmade payments/,
    ],
    [JSON.stringify({ ...PLAN, faults: [{ id: 'F99', atMs: 1, forMs: 1 }] }), /faults\[0\]/],
    [JSON.stringify({ ...PLAN, faults: [{ id: 'F1', atMs: 1, forMs: 1 }] }), /region/],
  ])('rejects %.40s', (content, message) => {
    expect(refusal(content)).toMatch(message);
    expect(refusal(content)).toMatch(/^--plan: given\.json /);
  });

  it('rejects one that is not there', () => {
    expect(() => readPlanFile(join(folder, 'none.json'), 'none.json')).toThrow(
      "none.json can't be read (ENOENT)",
    );
  });
});
