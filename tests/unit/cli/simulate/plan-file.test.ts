import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readPlanFile, writePlanFile } from '#cli/simulate/plan-file.ts';
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

  it('may be a plan and nothing else', () => {
    expect(refusal(JSON.stringify(PLAN))).toBe('taken');
  });

  it.each([
    ['{', /is no JSON/],
    ['[]', /holds no plan/],
    ['{"plan": null}', /holds no plan/],
    [JSON.stringify({ ...PLAN, seed: 'one' }), /has no seed that is a whole number/],
    [JSON.stringify({ ...PLAN, workload: {} }), /has no workload.payments that is a number/],
    [JSON.stringify({ ...PLAN, topology: { policy: 1 } }), /has no topology.consistency/],
    [JSON.stringify({ ...PLAN, crashAt: 7 }), /has no crashAt/],
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
