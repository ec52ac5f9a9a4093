import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DrillReport } from '#ops/drill/report/drill-report.ts';
import { type RunningTwin, startTwinProcess, until } from '../../support/running-twin.ts';
import { ROOT } from '../../support/source-files.ts';
import { holdfast } from '../ops/run-holdfast.ts';

/** A whole drill on a machine that others use as well. */
const DRILL_MS = 300_000;

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

describe('holdfast drill', () => {
  it(
    'heals before it leaves when it is interrupted',
    async () => {
      await untilReady();
      const child = spawn(
        process.execPath,
        [join(ROOT, 'bin/holdfast.mjs'), 'drill', 'dns-stale', '--rate', '6'],
        { cwd: twin.directory, stdio: ['ignore', 'ignore', 'pipe'] },
      );
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
      const ended = new Promise<number | null>((done) => child.once('close', done));
      await until('the fault is in force', async () => {
        if (child.exitCode !== null) throw new Error(stderr);
        const { regions } = await twin.status();
        return regions.some(({ faults }) => faults.some(({ kind }) => kind === 'kill'));
      });
      child.kill('SIGINT');
      expect(await ended).toBe(1);
      expect(stderr).toContain('the drill was interrupted');
      const { regions } = await twin.status();
      expect(regions.flatMap(({ faults }) => faults)).toEqual([]);
      expect(regions.map(({ condition }) => condition)).toEqual(['up', 'up']);
    },
    DRILL_MS,
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
