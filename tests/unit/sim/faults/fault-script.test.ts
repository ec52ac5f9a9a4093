import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseFaultScript, planOf } from '#sim/faults/fault-script.ts';
import { twinFaultsOf } from '#sim/faults/twin-faults.ts';

const SCRIPT = {
  name: 'region-cut',
  about: 'A Region is cut off.',
  consistency: 'strong',
  faults: [{ id: 'F1', region: 'us-east-1', atMs: 5_000, forMs: 20_000 }],
  payments: 50,
  expect: { moved: true, lost: 0, duplicated: 0, back: true },
};
const parse = (part: object) => () => parseFaultScript(JSON.stringify({ ...SCRIPT, ...part }));
const withFault = (fault: object) => parse({ faults: [fault] });
const TIMES = { atMs: 5_000, forMs: null };
const EAST = 'us-east-1';

describe('a fault script', () => {
  it('is read as it is written', () => {
    expect(parseFaultScript(JSON.stringify(SCRIPT))).toEqual(SCRIPT);
  });

  it.each([
    { id: 'F2', region: EAST, direction: 'in' },
    { id: 'F3', region: EAST },
    { id: 'F4', region: EAST },
    { id: 'F5', probability: 0.1 },
    { id: 'F6', probability: 0.1, extraMs: 400 },
    { id: 'F7', probability: 0.1 },
    { id: 'F8', region: EAST, factor: 50 },
    { id: 'F9', region: EAST, process: 'api', probability: 0.1 },
    { id: 'F10', region: EAST, process: 'orchestrate' },
    { id: 'F11', region: EAST, process: 'api' },
    { id: 'F12', region: EAST, extraMs: 90 },
    { id: 'F13', region: EAST, probability: 0.5 },
    { id: 'F14', probability: 1 },
    { id: 'F15', region: EAST, probability: 0.5 },
    { id: 'F16', probability: 0.5 },
    { id: 'F17', probability: 0.5 },
    { id: 'F18', region: EAST, count: 2 },
    { id: 'F19' },
    { id: 'F20' },
    { id: 'F21', region: EAST, probability: 1 },
    { id: 'F22', region: EAST, skewMs: -3_600_000 },
    { id: 'F23', to: [EAST, 'us-east-2'] },
    { id: 'F24', lateMs: 30_000 },
    { id: 'F25', pauseReplication: true },
    { id: 'F26', copies: 3 },
  ])('may have $id', (fault) => {
    const planned = { ...fault, ...TIMES };
    expect(withFault(planned)().faults).toEqual([planned]);
  });

  it.each<[string, () => unknown, string]>([
    ['no JSON', () => parseFaultScript('{'), 'The script is no JSON'],
    ['a list', () => parseFaultScript('[]'), 'the script is []: make it an object.'],
    ['a name in capitals', parse({ name: 'Region Cut' }), 'use lowercase words with hyphens'],
    ['an unknown member', parse({ seed: 4 }), 'the script has no member "seed": leave it out'],
    ['no faults', parse({ faults: [] }), 'faults: put at least one in.'],
    ['a missing member', parse({ about: undefined }), 'the script.about is missing: put it in.'],
    [
      'another consistency',
      parse({ consistency: 'both' }),
      'the script.consistency is "both": use one of strong, eventual.',
    ],
    ['half a payment', parse({ payments: 1.5 }), 'use a whole number from 1 to 500'],
    [
      'an unknown fault',
      withFault({ id: 'F99', ...TIMES }),
      'faults[0].id is "F99": use one of F1,',
    ],
    ['no fault', withFault([]), 'faults[0].id is missing'],
    [
      'another Region',
      withFault({ id: 'F1', region: 'eu-west-1', ...TIMES }),
      'faults[0] (F1).region is "eu-west-1": use one of us-east-1, us-east-2.',
    ],
    [
      'a member of another fault',
      withFault({ id: 'F1', region: EAST, factor: 3, ...TIMES }),
      'faults[0] (F1) has no member "factor": leave it out; it has id, atMs, forMs, region.',
    ],
    [
      'a share of none',
      withFault({ id: 'F5', probability: 0, ...TIMES }),
      'faults[0] (F5).probability is 0: use a share above 0 and up to 1.',
    ],
    [
      'a fault without an end',
      withFault({ id: 'F19', atMs: 1 }),
      'faults[0] (F19).forMs is missing: put it in.',
    ],
    ['one operator', withFault({ id: 'F23', to: [EAST], ...TIMES }), 'use a list of two of'],
    [
      'no expectation',
      parse({ expect: { moved: 'yes', lost: 0, duplicated: 0, back: true } }),
      'expect.moved is "yes": use true or false.',
    ],
  ])('rejects %s', (_name, read, message) => {
    expect(read).toThrow(message);
    expect(read).toThrow(expect.objectContaining({ name: 'FaultScriptError' }));
  });

  it('becomes a plan that is the same each time', () => {
    const script = parseFaultScript(JSON.stringify(SCRIPT));
    const plan = planOf(script);
    expect(planOf(script)).toEqual(plan);
    // The script begins in a world that has been running for a while, and has had payments since it began.
    const leadInMs = (plan.faults[0]?.atMs ?? 0) - 5_000;
    expect(leadInMs).toBeGreaterThanOrEqual(0);
    expect(plan.faults).toEqual([{ ...script.faults[0], atMs: leadInMs + 5_000 }]);
    expect(plan.safetyMs).toBe(leadInMs + 25_000);
    expect(plan.workload.payments).toBeGreaterThanOrEqual(50);
    expect(plan.topology).toMatchObject({ consistency: 'strong', policy: 'active-passive' });
    expect(planOf({ ...script, name: 'other' }).seed).not.toBe(plan.seed);
  });

  it('gives what is never healed the time to be noticed', () => {
    const faults = [{ id: 'F1', region: EAST, atMs: 5_000, forMs: null }] as const;
    const script = parseFaultScript(JSON.stringify({ ...SCRIPT, faults }));
    const { faults: planned, safetyMs } = planOf(script);
    expect(safetyMs - (planned[0]?.atMs ?? 0)).toBe(60_000);
  });
});

describe('the scripts of the repository', () => {
  const folder = 'scripts/fault-scripts';
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  const scripts = files.map((file) => parseFaultScript(readFileSync(`${folder}/${file}`, 'utf8')));

  it('are a dozen at least, each called as its file is', () => {
    expect(scripts.length).toBeGreaterThanOrEqual(12);
    expect(scripts.map(({ name }) => `${name}.json`)).toEqual(files);
  });

  it('use faults that the twin has too', () => {
    for (const { name, faults } of scripts) {
      for (const fault of faults)
        expect(twinFaultsOf(fault), `${name}: ${fault.id}`).not.toBeNull();
    }
  });
});
