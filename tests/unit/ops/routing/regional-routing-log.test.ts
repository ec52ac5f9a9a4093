import { describe, expect, it } from 'vitest';
import { sha256Hex } from '#adapters/system.ts';
import { AppError } from '#core/app-error.ts';
import { firstState, nextEntry, type RoutingLog } from '#core/routing/routing-log.ts';
import { createRegionalRoutingLog } from '#ops/routing/regional-routing-log.ts';
import {
  createMemoryRouting,
  createMemoryRoutingLog,
} from '../../../support/memory-routing-log.ts';
import { EAST_1, EAST_2, NOW } from './memory-routing-world.ts';

const deadline = { atEpochMs: NOW };
const entry = nextEntry(
  null,
  firstState('active-passive', [EAST_1, EAST_2]),
  {
    ...{ entryId: 'a', atEpochMs: NOW, actor: 'ann', change: 'failover', reason: 'a drill' },
    ...{ mode: 'auto', active: [EAST_2], drained: [], evidence: '{}' },
  },
  sha256Hex,
);

function brokenLog(error: Error): RoutingLog {
  const fail = async (): Promise<never> => {
    throw error;
  };
  return { newest: fail, newestHere: fail, append: fail, all: fail };
}

function inTurn(...logs: readonly RoutingLog[]) {
  const regions = [EAST_1, EAST_2];
  return createRegionalRoutingLog(
    logs.map((log, place) => ({ region: regions[place] ?? '', log })),
    () => ({ atEpochMs: NOW + 6_000 }),
  );
}

const unavailable = new AppError('unavailable', 'read: no answer');
const unknown = new AppError('outcome_unknown', 'append: no answer');

describe('createRegionalRoutingLog', () => {
  it('is served by the next Region when one does not answer', async () => {
    const memory = createMemoryRouting();
    const log = inTurn(brokenLog(unavailable), createMemoryRoutingLog(memory));
    expect(await log.newest(deadline)).toBeNull();
    expect(await log.append(entry, deadline)).toEqual({ kind: 'appended' });
    expect(await log.newestHere(deadline)).toEqual(entry);
    expect(await log.all(deadline)).toEqual([entry]);
  });

  it('gives each Region the time of a whole call', async () => {
    const seen: number[] = [];
    const log = inTurn({
      ...brokenLog(unavailable),
      newest: async ({ atEpochMs }) => {
        seen.push(atEpochMs);
        return null;
      },
    });
    await log.newest(deadline);
    expect(seen).toEqual([NOW + 6_000]);
  });

  it('appends once, though the first Region took the entry and its answer was lost', async () => {
    const memory = createMemoryRouting();
    const there = createMemoryRoutingLog(memory);
    const lostAnswer: RoutingLog = {
      ...there,
      append: async (one, until) => {
        await there.append(one, until);
        throw unknown;
      },
    };
    expect(await inTurn(lostAnswer, there).append(entry, deadline)).toEqual({ kind: 'appended' });
    expect(memory.entries).toEqual([entry]);
  });

  it('says that nobody knows when an append may have been made', async () => {
    await expect(
      inTurn(brokenLog(unknown), brokenLog(unavailable)).append(entry, deadline),
    ).rejects.toMatchObject({
      kind: 'fault',
      message: expect.stringMatching(/holdfast history.*us-east-1: .*us-east-2: /) as string,
    });
  });

  it('names every Region that did not answer', async () => {
    await expect(
      inTurn(brokenLog(unavailable), brokenLog(unavailable)).newest(deadline),
    ).rejects.toMatchObject({
      kind: 'fault',
      message: expect.stringContaining('no Region answers for the routing log') as string,
    });
  });

  it('passes a defect on', async () => {
    const defect = new TypeError('a defect');
    await expect(inTurn(brokenLog(defect)).newest(deadline)).rejects.toBe(defect);
  });
});
