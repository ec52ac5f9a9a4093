import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DrillReport } from '#ops/drill/report/drill-report.ts';
import { type RunningTwin, startTwinProcess, until } from '../../support/running-twin.ts';
import { ROOT } from '../../support/source-files.ts';
import { holdfast } from '../ops/run-holdfast.ts';

/** A whole drill on a machine that others use as well. */
const DRILL_MS = 300_000;
/** Exit code of what a guard refused: a drill that its preflight refuses has changed nothing. */
const REFUSED = 3;
/**
 * For so long a drill that is refused is started again: the alarms for silence begin to ring a while after a
 * twin's start and do until their first data, which a loaded machine has late.
 */
const REFUSED_MS = 180_000;
/** From a drill's start to its fault, with as many warm-ups as it allows itself. */
const FAULT_MS = 90_000;

let twin: RunningTwin;
beforeAll(async () => {
  twin = await startTwinProcess();
});
afterAll(() => twin.stop());

/** Until the alarms of a twin that has just been started have had their first data. */
async function untilReady(): Promise<void> {
  await until('the health checks are green and no alarm rings', async () => {
    const { regions } = await twin.status();
    return regions.every(
      ({ health, alarms }) =>
        health.status === 'healthy' && alarms.every(({ state }) => state !== 'ALARM'),
    );
  });
}

interface RunningDrill {
  readonly child: ChildProcess;
  /** Everything that it wrote to stderr so far. */
  stderr(): string;
  /** Its exit code, once all of stderr is there. */
  readonly ended: Promise<number | null>;
}

function startDrill(...args: readonly string[]): RunningDrill {
  const child = spawn(process.execPath, [join(ROOT, 'bin/holdfast.mjs'), 'drill', ...args], {
    cwd: twin.directory,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
  const ended = new Promise<number | null>((done) => child.once('close', done));
  return { child, stderr: () => stderr, ended };
}

/** Resolves with the drill once it has killed a Region, and starts one that was refused again. */
async function drillInForce(...args: readonly string[]): Promise<RunningDrill> {
  const giveUpAt = Date.now() + REFUSED_MS;
  for (;;) {
    const drill = startDrill(...args);
    const outcome = await faultOrEnd(drill);
    if (outcome === 'in-force') return drill;
    if (outcome !== REFUSED || Date.now() > giveUpAt) {
      const said = `exit code ${outcome}: ${drill.stderr()}`;
      throw new Error(
        `the drill never had its fault in force, ${said}\n${await describeRegions()}`,
      );
    }
    // A machine that others use as well may have moved traffic by itself while the twin was starting.
    await holdfast(twin, 'failback', '--force', '--reason', 'before the drill');
    await sleep(2_000);
  }
}

/** Whichever comes first; a drill that comes to neither is interrupted, and its end is told. */
async function faultOrEnd(drill: RunningDrill): Promise<'in-force' | number | null> {
  const ended = drill.ended.then((code) => ({ code }));
  let interruptAt = Date.now() + FAULT_MS;
  for (;;) {
    const { regions } = await twin.status();
    if (regions.some(({ faults }) => faults.some(({ kind }) => kind === 'kill'))) return 'in-force';
    if (Date.now() > interruptAt) {
      drill.child.kill('SIGINT');
      interruptAt = Number.POSITIVE_INFINITY;
    }
    const end = await Promise.race([ended, sleep(100, null)]);
    if (end !== null) return end.code;
  }
}

async function describeRegions(): Promise<string> {
  const { regions } = await twin.status();
  return JSON.stringify(
    regions.map(({ name, condition, health, alarms, faults }) => ({
      ...{ name, condition, health, faults },
      alarms: alarms.map(({ name: alarm, state }) => `${alarm}: ${state}`),
    })),
    null,
    1,
  );
}

describe('holdfast drill', () => {
  it(
    'heals before it leaves when it is interrupted',
    async () => {
      await untilReady();
      const drill = await drillInForce('dns-stale', '--rate', '6');
      drill.child.kill('SIGINT');
      const code = await drill.ended;
      expect({ code, stderr: drill.stderr() }).toEqual({
        code: 1,
        stderr: expect.stringContaining('the drill was interrupted') as string,
      });
      const { regions } = await twin.status();
      expect(regions.flatMap(({ faults }) => faults)).toEqual([]);
      expect(regions.map(({ condition }) => condition)).toEqual(['up', 'up']);
    },
    REFUSED_MS + DRILL_MS,
  );

  it('refuses a target with a fault in force, and changes nothing', async () => {
    await twin.fault('us-east-2', 'latency', { latencyMs: 1, service: 'sqs' });
    const { code, stderr } = await holdfast(twin, 'drill', 'region-loss');
    expect(code).toBe(3);
    expect(stderr).toContain('end them: holdfast heal');
    expect((await twin.status()).regions.flatMap(({ faults }) => faults)).toHaveLength(1);
    await twin.heal();
  });

  it('rejects a scenario that is none with 2, and lists them', async () => {
    const { code, stderr } = await holdfast(twin, 'drill', 'earthquake');
    expect(code).toBe(2);
    expect(stderr).toContain('region-loss');
  });

  it(
    'drills the loss of a Region on a twin of its own, reports it, and ends with 4 for what it missed',
    async () => {
      // An objective that nobody can meet, beside the others, which are met.
      writeFileSync(join(twin.directory, 'strict.json'), '{"rtoRetryingSeconds": 0}');
      const { code, stdout } = await holdfast(
        twin,
        ...['drill', 'region-loss', '--own', '--report', 'report', '--objectives', 'strict.json'],
      );
      expect(code).toBe(4);
      expect(stdout).toMatch(/MISSED\s+RTO, retrying client/);
      const written = (name: string) => readFileSync(join(twin.directory, 'report', name), 'utf8');
      const report = JSON.parse(written('report.json')) as DrillReport;
      expect(report.objectives.filter(({ met }) => !met)).toMatchObject([
        { name: expect.stringContaining('retrying client') },
      ]);
      expect(report.transitions).toMatchObject([{ change: 'failover', active: ['us-east-2'] }]);
      expect(report.rpo).toEqual({ lost: [], late: [], duplicated: [], conflicting: [] });
      expect(report.marks.stable).not.toBeNull();
      expect(written('report.md')).toContain('# Drill region-loss: MISSED');
      expect(written('report.html')).toContain('<!doctype html>');
    },
    DRILL_MS,
  );
});
