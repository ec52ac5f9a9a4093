import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readPlanFile, writePlanFile } from '#cli/simulate/plan-file.ts';
import { SCENARIOS } from '#sim/exhaustive/scenarios.ts';
import { parseFaultScript, planOf } from '#sim/faults/fault-script.ts';
import { PAST_FAILURES } from '#sim/past-failures/past-failures.ts';
import type { SimPlan } from '#sim/plan.ts';
import { drawPlan } from '#sim/swarm/draw-plan.ts';
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
    [JSON.stringify({ ...PLAN, faults: [{ id: 'F99', atMs: 1, forMs: 1 }] }), /faults\[0\]/],
    [JSON.stringify({ ...PLAN, faults: [{ id: 'F1', atMs: 1, forMs: 1 }] }), /region/],
  ])('rejects %.40s', (content, message) => {
    expect(refusal(content)).toMatch(message);
    expect(refusal(content)).toMatch(/^--plan: given\.json /);
  });

  it.each<[object, string]>([
    [{ seed: 'one' }, 'plan.seed is "one": use a whole number from 0 to 9007199254740991'],
    [{ sede: 1 }, 'plan has no member "sede": leave it out; it has seed, topology,'],
    [{ topology: [] }, 'topology is []: make it an object'],
    [
      { topology: { ...PLAN.topology, consistency: 'mostly' } },
      'topology.consistency is "mostly": use one of strong, eventual',
    ],
    [
      { topology: { ...PLAN.topology, policy: 'active' } },
      'topology.policy is "active": use one of active-passive, active-active',
    ],
    [
      { topology: { ...PLAN.topology, failback: '' } },
      'topology.failback is "": use one of manual, automatic',
    ],
    [
      { topology: { ...PLAN.topology, gateway: 'visa' } },
      'topology.gateway is "visa": use one of bank, recording',
    ],
    [{ topology: { ...PLAN.topology, mode: 'any' } }, 'topology has no member "mode"'],
    [
      { timings: { ...PLAN.timings, silenceMs: 0 } },
      'timings.silenceMs is 0: use a whole number from 1 to 86400000',
    ],
    [{ timings: { ...PLAN.timings, cooldownMs: -5 } }, 'timings.cooldownMs is -5: use a whole'],
    [{ timings: { ...PLAN.timings, soakMs: 1.5 } }, 'timings.soakMs is 1.5: use a whole'],
    [{ timings: { ...PLAN.timings, indexLagMs: -1 } }, 'timings.indexLagMs is -1: use a whole'],
    [{ timings: { ...PLAN.timings, alarmPeriodMs: 0 } }, 'timings.alarmPeriodMs is 0: use a'],
    [{ timings: { ...PLAN.timings, silence: 1 } }, 'timings has no member "silence"'],
    [{ timings: { ...PLAN.timings, dnsTtlMs: undefined } }, 'timings.dnsTtlMs is missing'],
    [{ workload: {} }, 'workload.payments is missing: put it in'],
    [
      { workload: { ...PLAN.workload, readShare: 1.2 } },
      'workload.readShare is 1.2: use a share from 0 to 1',
    ],
    [{ workload: { ...PLAN.workload, dnsShare: -0.1 } }, 'workload.dnsShare is -0.1: use a share'],
    [
      { workload: { ...PLAN.workload, burst: 0 } },
      'workload.burst is 0: use a whole number from 1',
    ],
    [{ workload: { ...PLAN.workload, shares: 0 } }, 'workload has no member "shares"'],
    [{ safetyMs: -1 }, 'plan.safetyMs is -1: use a whole number'],
    [{ failbackAtMs: 'soon' }, 'plan.failbackAtMs is "soon": use a whole number'],
    [{ crashAt: 7 }, 'plan.crashAt is 7: use a list'],
    [{ crashAt: [3, 0] }, 'crashAt[1] is 0: use a whole number from 1'],
    [{ orders: [{ atMs: 1, forMs: 2, verb: 'drain' }] }, 'orders[0].region is missing'],
    [{ orders: [{ atMs: 1, forMs: -2, verb: 'manual' }] }, 'orders[0].forMs is -2'],
    [
      { orders: [{ atMs: 1, forMs: 2, verb: 'manual', region: 'us-east-1' }] },
      'orders[0].region is "us-east-1": leave it out of manual mode',
    ],
    [{ crashKinds: ['cook'] }, 'crashKinds[0] is "cook": use one of api, '],
    [{ handmade: [{ atMs: 1, kind: 'pay' }] }, 'handmade[0].kind is "pay": use one of process, '],
    [
      { handmade: [{ atMs: 1, kind: 'accept', repeats: [{ afterMs: 1, region: 'eu-west-1' }] }] },
      'handmade[0].repeats[0].region is "eu-west-1": use one of us-east-1, us-east-2',
    ],
  ])('rejects %j', (more, message) => {
    const said = refusal(JSON.stringify({ ...PLAN, ...more }));
    expect(said).toContain(`--plan: given.json is wrong: ${message}`);
  });

  it.each([
    { timings: { ...PLAN.timings, indexLagMs: 0, replicationLagMs: 0, alarmPeriodMs: 833 } },
    { workload: { ...PLAN.workload, payments: 1, spreadMs: 0, acceptShare: 1 } },
    { failbackAtMs: 60_000, crashAt: [1, 7], crashKinds: ['sweep'] },
  ])('takes %j', (more) => {
    expect(refusal(JSON.stringify({ ...PLAN, ...more }))).toBe('taken');
  });

  it('takes whatever plan there is: drawn, for crashes, of a past failure, of a script', () => {
    const plans = [
      ...Array.from({ length: 300 }, (_nothing, seed) => drawPlan(seed, 'any')),
      ...SCENARIOS.map((scenario) => scenario.plan),
      ...PAST_FAILURES.map((failure) => failure.plan),
      planOf(parseFaultScript(readFileSync('scripts/fault-scripts/short-isolation.json', 'utf8'))),
    ];
    const note = { failure: '', code: '' };
    for (const [index, plan] of plans.entries()) {
      const path = writePlanFile(plan, note, join(folder, 'all'), String(index));
      expect(readPlanFile(path, path)).toEqual(plan);
    }
  });

  it('rejects one that is not there', () => {
    expect(() => readPlanFile(join(folder, 'none.json'), 'none.json')).toThrow(
      "none.json can't be read (ENOENT)",
    );
  });
});
