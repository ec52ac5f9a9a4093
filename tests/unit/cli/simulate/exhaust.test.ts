import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BroadcastChannel } from 'node:worker_threads';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { exhaust } from '#cli/simulate/exhaust.ts';
import type { SimulateArguments } from '#cli/simulate/simulate-command.ts';
import { plain } from '#cli/terminal.ts';

// Each test starts threads, and a busy machine is no fault of theirs.
vi.setConfig({ testTimeout: 60_000 });

const directory = mkdtempSync(join(tmpdir(), 'holdfast-exhaust-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Interrupted when it comes to the crash at the fifth boundary of the first scenario. */
async function interrupted(does: string, more: Partial<SimulateArguments> = {}) {
  const controller = new AbortController();
  const channel = new BroadcastChannel('fake-simulator');
  channel.onmessage = () => controller.abort();
  const out: string[] = [];
  const url = new URL(`fake-simulator.ts?waits-at=5&${does}`, import.meta.url).href;
  const exitCode = await exhaust(
    { ...{ mode: 'any', workers: 1, shrink: true, exhaustive: true }, ...more },
    {
      ...{ directory, paint: plain, isTerminal: false, writeError: () => undefined },
      ...{ writeOut: (text: string) => out.push(text), simulator: { simulatorUrl: url } },
    },
    controller.signal,
  );
  channel.close();
  return { exitCode, out: out.join('') };
}

describe('exhaust, interrupted', () => {
  it('ends with 1 and the violations up to there, the plan of the first of them written', async () => {
    const { exitCode, out } = await interrupted('crash=3', { out: 'plans' });
    expect(exitCode).toBe(1);
    const file = join(directory, 'plans', 'process.json');
    expect(out).toContain('process: crash at step boundary 3: invariant 2: t7 was charged twice');
    expect(out).toContain(`replay it: npx holdfast simulate --plan ${file}\n`);
    expect(out).toMatch(/\nFAILED in 1 of 1 scenarios, and was interrupted\n$/);
    expect(existsSync(file)).toBe(true);
  });

  it('has them in its JSON', async () => {
    const { out } = await interrupted('crash=3', { json: true, out: 'json' });
    expect(JSON.parse(out)).toMatchObject({
      ...{ passed: false, isInterrupted: true },
      scenarios: [
        {
          ...{ name: 'process', runs: 5, isPartial: true },
          violations: [{ crashAt: [3], invariant: 2 }],
          file: join(directory, 'json', 'process.json'),
        },
      ],
    });
  });

  it('says that there was none, where there was none', async () => {
    const { exitCode, out } = await interrupted('');
    expect(exitCode).toBe(1);
    expect(out).toContain('process: interrupted; the rest of its runs is missing\n');
    expect(out).toMatch(/\ninterrupted: no violation up to here\n$/);
  });
});
