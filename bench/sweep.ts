/** How fast the sweepers of both Regions finish a backlog, and what that costs everybody else. */

import { drive } from './load.ts';
import { invokeSweeper, plantOpenPayments } from './open-payments.ts';
import { percentile } from './statistics.ts';
import { type BenchTwin, memoryOfTree } from './twin.ts';

export interface SweepFigures {
  readonly payments: number;
  readonly perSecond: number;
  readonly memoryBeforeMb: number;
  readonly memoryMaxMb: number;
  readonly idleP50Ms: number;
  readonly idleP99Ms: number;
  readonly busyP50Ms: number;
  readonly busyP99Ms: number;
}

const IDLE_MS = 5_000;
const MEMORY_EVERY_MS = 1_000;
const LOOK_AGAIN_MS = 1_000;
/** Planting runs at some hundred a second; they are all due at one moment after it. */
const PLANTING_MS_EACH = 6;

/** Throws when a payment on the side is not answered 200. */
export async function benchSweep(
  of: BenchTwin,
  options: { readonly payments: number; readonly progress: (text: string) => void },
): Promise<SweepFigures> {
  const { payments, progress } = options;
  const dueAtEpochMs = Date.now() + payments * PLANTING_MS_EACH + 2 * IDLE_MS;
  await plantOpenPayments(of, { payments, dueAtEpochMs, progress });
  progress('other traffic before the sweep');
  const url = of.addresses.entry;
  const idle = await drive({ url, connections: 1, until: (_sent, ms) => ms > IDLE_MS });
  const memoryBeforeMb = await memoryMb(of);
  const leftMs = dueAtEpochMs - Date.now();
  if (leftMs < 0) throw new Error('planting took too long: the sweep has begun without the clock');
  await new Promise((resolve) => setTimeout(resolve, leftMs + 1));

  let isSweeping = true;
  let memoryMaxMb = memoryBeforeMb;
  const watching = (async () => {
    while (isSweeping) {
      memoryMaxMb = Math.max(memoryMaxMb, await memoryMb(of));
      await new Promise((resolve) => setTimeout(resolve, MEMORY_EVERY_MS));
    }
  })();
  const beside = drive({ url, connections: 1, until: () => !isSweeping });
  const startedAt = performance.now();
  const sweepers = Object.keys(of.addresses.regions).map(async (region) => {
    for (;;) {
      const { backlog, sweep } = await invokeSweeper(of, region);
      if (backlog === null) throw new Error(`${region} could not measure the backlog`);
      progress(`sweeping: ${backlog.overdue} of ${payments} left`);
      if (backlog.overdue === 0) return;
      // The schedule's own sweep is under way there.
      if (sweep === null) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  });
  await Promise.all(sweepers);
  const seconds = (performance.now() - startedAt) / 1_000;
  isSweeping = false;
  const [busy] = await Promise.all([beside, watching]);
  const failures = idle.failures + busy.failures;
  if (failures > 0) throw new Error(`${failures} payments on the side were not answered 200`);
  return {
    payments,
    perSecond: payments / seconds,
    memoryBeforeMb,
    memoryMaxMb,
    idleP50Ms: percentile(idle.latenciesMs, 0.5),
    idleP99Ms: percentile(idle.latenciesMs, 0.99),
    busyP50Ms: percentile(busy.latenciesMs, 0.5),
    busyP99Ms: percentile(busy.latenciesMs, 0.99),
  };
}

async function memoryMb(of: BenchTwin): Promise<number> {
  const processes = await memoryOfTree(of.pid);
  return processes.reduce((sum, { rssMb }) => sum + rssMb, 0);
}
