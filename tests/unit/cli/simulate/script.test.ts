import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { simulate } from '#cli/simulate/simulate-command.ts';
import { plain } from '#cli/terminal.ts';

vi.setConfig({ testTimeout: 60_000 });

const directory = mkdtempSync(join(tmpdir(), 'holdfast-script-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

const SCRIPT = {
  ...{ name: 'short', about: 'A second without the primary.', consistency: 'strong' },
  faults: [{ id: 'F1', region: 'us-east-1', atMs: 2_000, forMs: 1_000 }],
  payments: 12,
};

const USUAL = { moved: false, lost: 0, duplicated: 0, back: true };

async function run(expected: object, more: object = {}, simulatorUrl?: string) {
  writeFileSync(
    join(directory, 'script.json'),
    JSON.stringify({ ...SCRIPT, expect: { ...USUAL, ...expected } }),
  );
  const out: string[] = [];
  const given = { mode: 'any', workers: 1, shrink: true, script: 'script.json', ...more } as const;
  const exitCode = await simulate(given, {
    ...{ directory, paint: plain, isTerminal: false, writeError: () => undefined },
    writeOut: (text) => out.push(text),
    ...(simulatorUrl !== undefined && { simulator: { simulatorUrl } }),
  });
  return { exitCode, out: out.join('') };
}

describe('holdfast simulate --script', () => {
  it('says what class of outcome the script had, and that it was expected', async () => {
    const { exitCode, out } = await run({});
    expect(exitCode).toBe(0);
    expect(out).toMatch(/moved +no +expected: no/);
    expect(out).toMatch(/as expected\n$/);
  });

  it('ends with 4 where it expects another one', async () => {
    const { exitCode, out } = await run({ moved: true });
    expect(exitCode).toBe(4);
    expect(out).toContain('moved: false instead of true');
  });

  it('says the class of a script that breaks an invariant, and ends with 1', async () => {
    const fake = new URL('fake-simulator.ts?breaks=plans', import.meta.url).href;
    const { exitCode, out } = await run({ moved: true }, {}, fake);
    expect(exitCode).toBe(1);
    expect(out).toContain('invariant 2 is broken');
    expect(out).toMatch(/duplicated +1 +expected: 0/);
    expect(out).toContain('duplicated: 1 instead of 0');
    expect(out).toMatch(/MISSED\nFAILED: an invariant is broken, whatever the script expects\n$/);
  });

  it('has the class in its JSON', async () => {
    const { out } = await run({ moved: false }, { json: true });
    expect(JSON.parse(out)).toMatchObject({ outcome: { moved: false, lost: 0, back: true } });
  });

  it('rejects a script that is none, and one beside a seed', async () => {
    await expect(run({ moved: 'maybe' })).rejects.toMatchObject({ exitCode: 2 });
    await expect(run({ moved: false }, { seed: 3 })).rejects.toThrow(
      '--seed and --script exclude each other',
    );
  });
});
