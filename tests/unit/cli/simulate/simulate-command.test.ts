import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createProgram } from '#cli/program.ts';
import { type SimulateArguments, simulate } from '#cli/simulate/simulate-command.ts';
import { plain } from '#cli/terminal.ts';

// Each test starts threads, and a busy machine is no fault of theirs.
vi.setConfig({ testTimeout: 60_000 });

const directory = mkdtempSync(join(tmpdir(), 'holdfast-simulate-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

interface Outcome {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

async function run(given: Partial<SimulateArguments>, does = ''): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const exitCode = await simulate(
    { mode: 'any', workers: 2, shrink: true, ...given },
    {
      ...{ directory, paint: plain, isTerminal: false },
      writeOut: (text) => out.push(text),
      writeError: (text) => err.push(text),
      simulator: { simulatorUrl: new URL(`fake-simulator.ts?${does}`, import.meta.url).href },
    },
  );
  return { exitCode, out: out.join(''), err: err.join('') };
}

describe('holdfast simulate', () => {
  it('ends with 0 when nothing is broken', async () => {
    const { exitCode, out } = await run({ seeds: 120 });
    expect(exitCode).toBe(0);
    expect(out).toMatch(/runs +120, seeds from 1 on\n/);
    expect(out).toMatch(/payments taken +6,000\n/);
    expect(out).toMatch(/hash of all seeds +[0-9a-f]{16}\n/);
    expect(out).toMatch(/passed: no violation in 120 runs\n$/);
  });

  it('says how a failure is seen again, and makes it small', async () => {
    const { exitCode, out } = await run({ seeds: 200, out: 'plans' }, 'bad=37&says=t31');
    expect(exitCode).toBe(1);
    expect(out).toContain('invariant 2 is broken: at most one charge for a transaction_id');
    expect(out).toContain('t31 was charged twice');
    expect(out).toMatch(/seed 37, (?:commit [0-9a-f]{12}|version )/);
    expect(out).toContain('replay it: npx holdfast simulate --seed 37\n');
    expect(out).toContain('1 fault\n');
    const file = join(directory, 'plans', 'seed-37.json');
    expect(out).toContain(`npx holdfast simulate --plan ${file}`);
    // The file tells of the run that it holds.
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      failure: 'invariant 2: t7 was charged twice: 10.00 USD each',
    });
    const again = await run({ plan: 'plans/seed-37.json' });
    expect(again).toMatchObject({ exitCode: 1, out: expect.stringContaining('F13') as string });
  });

  it('leaves a failure as it is if asked to', async () => {
    const { out } = await run({ seeds: 40, shrink: false, mode: 'strong' }, 'bad=2');
    expect(out).toContain('npx holdfast simulate --seed 2 --mode strong\n');
    expect(out).not.toContain('shrunk');
  });

  it('prints one document as JSON', async () => {
    const { out } = await run({ seeds: 50, json: true, out: 'json' }, 'bad=9');
    const report = JSON.parse(out) as Record<string, unknown>;
    expect(report).toMatchObject({
      ...{ passed: false, mode: 'any', firstSeed: 1 },
      coverage: { byPhase: { F1: { request: expect.any(Number) as number } } },
      failure: { kind: 'violation', seed: 9, violations: [{ invariant: 2 }] },
    });
    expect(report).toHaveProperty('failure.shrunk.plan.faults.0.id', 'F13');
    expect(existsSync(join(directory, 'json', 'seed-9.json'))).toBe(true);
  });

  it('runs every seed twice, and compares', async () => {
    expect(await run({ seeds: 40, hashes: true })).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('40 seeds run twice give identical runs') as string,
    });
    const { exitCode, out } = await run({ seeds: 40, hashes: true }, 'differs=8');
    expect(exitCode).toBe(1);
    expect(out).toMatch(/two runs of it differ: hash run-\d+ and run-\d+\n/);
  });

  it('holds against a seed that one of its runs has more events, or breaks something', async () => {
    const more = await run({ seeds: 40, hashes: true, json: true }, 'ticks=8');
    expect(more.exitCode).toBe(1);
    expect(JSON.parse(more.out)).toMatchObject({
      failure: { kind: 'difference', seed: 8, differences: ['events 10 and 11'] },
    });
    const { out } = await run({ seeds: 40, hashes: true }, 'once=8');
    expect(out).toContain('two runs of it differ: violations 1 and 0; what was broken 2: t7 was ');
  });

  it('shows the matrix', async () => {
    expect((await run({ seeds: 4, matrix: true })).out).toContain('F26');
  });

  it('shows one seed with plan, chart and hash', async () => {
    const { exitCode, out } = await run({ seed: 5, all: true });
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^Seed 5, /);
    expect(out).toContain('F19 stale DNS');
    expect(out).toContain('charge t7');
    expect(out).toContain('hash hash-5\nno invariant is broken\n');
  });

  it('ends with 1 when the seed breaks something, or breaks off', async () => {
    const broken = await run({ seed: 5 }, 'bad=5');
    expect(broken.exitCode).toBe(1);
    expect(broken.out).toContain('invariant 2 is broken');
    const off = await run({ seed: 5 }, 'throws=5');
    expect(off.exitCode).toBe(1);
    expect(off.out).toMatch(/RangeError: seed 5 has a loop in it\n {4}at /);
    const { out } = await run({ seed: 5, json: true }, 'throws=5');
    expect(JSON.parse(out)).toMatchObject({ failure: { kind: 'error', seed: 5 } });
  });

  it('says why there is neither chart nor page of a run that broke off', async () => {
    const { out, err } = await run({ seed: 5, html: 'off.html' }, 'throws=5');
    expect(out).toMatch(/\nno chart: a run that breaks off hands none of its events over\n$/);
    expect(err).toMatch(/^--html: off\.html was not written: a run that breaks off /);
    expect(existsSync(join(directory, 'off.html'))).toBe(false);
  });

  it('writes the page of a seed', async () => {
    await run({ seed: 5, html: 'run.html' });
    expect(readFileSync(join(directory, 'run.html'), 'utf8')).toContain('<title>Seed 5</title>');
  });

  it('goes through every crash, and says which pairs it left out', async () => {
    const single = await run({ exhaustive: true });
    expect(single.exitCode).toBe(0);
    expect(single.out).toMatch(/\n {2}accept +20 +21 +0 +0 +0 +one payment by POST \/payments/);
    expect(single.out).toMatch(/\npassed: no violation in 168 runs\n$/);
    const some = await run({ exhaustive: true, pairs: 15 });
    expect(some.exitCode).toBe(0);
    expect(some.out).toMatch(/\n {2}failover +20 +36 +15 +175 +0 /);
    expect(some.out).toContain('accept: 175 of 190 pairs were left out; --pairs 190 runs them\n');
    expect((await run({ exhaustive: true, pairs: true })).out).not.toContain('left out;');
  });

  it('ends with 1 when a crash breaks something, and keeps its plan', async () => {
    const { exitCode, out } = await run({ exhaustive: true, out: 'crashes' }, 'crash=7');
    expect(exitCode).toBe(1);
    const file = join(directory, 'crashes', 'refund.json');
    expect(out).toContain(
      'refund: crash at step boundary 7: invariant 2: t7 was charged twice: 10.00 USD each\n' +
        `replay it: npx holdfast simulate --plan ${file}\n`,
    );
    expect(out).toMatch(/\nFAILED in 8 of 8 scenarios\n$/);
    const again = await run({ plan: 'crashes/refund.json' }, 'crash=7');
    expect(again.exitCode).toBe(1);
    expect(again.out).toContain('at step boundaries 7 of api, consume, sweep\n');
    const { out: json } = await run(
      { exhaustive: true, json: true, out: 'crashes', pairs: 3 },
      'crash=20',
    );
    expect(JSON.parse(json)).toMatchObject({
      passed: false,
      scenarios: [
        { name: 'process', boundaries: 20, leftOut: 187, violations: [{ crashAt: [20] }, {}] },
        ...Array.from({ length: 7 }, () => ({ file: expect.any(String) as string })),
      ],
    });
  });

  it.each<[Partial<SimulateArguments>, string]>([
    [{ exhaustive: true, seeds: 9 }, '--seeds has no part in --exhaustive'],
    [{ exhaustive: true, plan: 'x.json' }, '--plan has no part in --exhaustive'],
    [{ exhaustive: true, mode: 'strong' }, '--mode has no part in --exhaustive'],
    [{ pairs: true }, '--pairs goes with --exhaustive'],
    [{ seed: 1, pairs: 9 }, '--pairs goes with --exhaustive'],
    [{ seed: 1, out: 'plans' }, '--out is for many seeds'],
    [{ seed: 1, plan: 'x.json' }, '--seed and --plan exclude each other'],
    [{ seed: 1, firstSeed: 7 }, '--first-seed is for many seeds'],
    [{ plan: 'x.json', hashes: true }, '--hashes is for many seeds'],
    [{ seed: 1, shrink: false }, '--no-shrink is for many seeds, and --seed, --plan and --script'],
    [{ plan: 'x.json', shrink: false }, '--no-shrink is for many seeds'],
    [{ script: 'x.json', shrink: false }, '--no-shrink is for many seeds'],
    [{ exhaustive: true, shrink: false }, '--no-shrink has no part in --exhaustive'],
    [{ plan: 'x.json', mode: 'strong' }, '--mode has no part in --plan, whose world is fixed'],
    [{ script: 'x.json', mode: 'strong' }, '--mode has no part in --script, whose world is fixed'],
    [{ html: 'x.html' }, '--html shows one run; name it by --seed, --plan or --script'],
    [{ about: 't1' }, '--about shows one run'],
    [{ seed: 1, about: 't99' }, '--about: no client asked for t99; there are t7'],
    [{ plan: 'none.json' }, "none.json can't be read"],
  ])('rejects %j', async (given, message) => {
    await expect(run(given)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(message) as string,
    });
  });
});

describe('its command line', () => {
  it.each([
    [['--seeds', '0'], 'whole number from 1'],
    [['--seed', '-1'], 'whole number from 0'],
    [['--mode', 'odd'], 'Allowed choices are any'],
    [['--minutes', 'x'], 'whole number from 1'],
    [['--workers', '0'], 'whole number from 1'],
    [['--exhaustive', '--pairs', '0'], 'whole number from 1'],
  ])('rejects %j', async (args, message) => {
    const program = createProgram({
      ...{ directory, paint: plain, setExitCode: () => undefined },
      ...{ writeOut: () => undefined, writeError: () => undefined },
    });
    await expect(program.parseAsync(['simulate', ...args], { from: 'user' })).rejects.toMatchObject(
      { message: expect.stringContaining(message) as string },
    );
  });
});
