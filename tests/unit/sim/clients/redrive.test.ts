import { describe, expect, it } from 'vitest';
import type { Journal } from '#core/journal.ts';
import { Operators } from '#sim/clients/operators.ts';
import { REGIONS } from '#sim/faults/fault-spec.ts';
import type { Topology } from '#sim/plan.ts';
import { createSmallSystem } from '../region/small-system.ts';

const [EAST_1, EAST_2] = REGIONS;
const PAID_MS = 10_000;

/** A payment is there by `PAID_MS`. */
function open(topology: Partial<Topology> = {}) {
  const small = createSmallSystem(topology);
  small.at(0, () => small.pay(EAST_1, 'paid'));
  return { ...small, operators: new Operators(small.system) };
}

const letter = (transactionId: string, fingerprint: string | null = null) => ({
  ...{ transactionId, fingerprint },
});

const parked = (journal: Journal): Journal => ({
  ...journal,
  ...{ dueAtEpochMs: null, attempts: 20, parked: { atEpochMs: 1, reason: 'unavailable' } },
});

describe('the redrive of a Region', () => {
  it('sends dead letters of payments back, and leaves what is nobody’s', async () => {
    const world = open();
    const { queue } = world.system.regions[EAST_1];
    world.at(PAID_MS, () => {
      queue.deadLetters.push(letter('paid'), null, letter('never accepted'), letter('paid', 'x'));
      world.operators.redrive(EAST_1);
      expect(world.operators.isDone).toBe(false);
    });
    await world.run(PAID_MS + 20_000);
    expect(queue.deadLetters).toEqual([null, letter('never accepted'), letter('paid', 'x')]);
    const { events } = world.system.world.trace;
    expect(events.filter(({ what }) => what === 'consume')).toHaveLength(1);
    expect(world.operators.isDone).toBe(true);
  });

  it('leaves dead letters where they can not be reached', async () => {
    const world = open();
    const { queue } = world.system.regions[EAST_1];
    world.at(PAID_MS, () => {
      queue.deadLetters.push(letter('paid'));
      // Its own Region reaches everything: only people do not reach it.
      world.system.network.link('world', EAST_1).blockedBy = 'F2';
      world.operators.redrive(EAST_1);
    });
    await world.run(PAID_MS + 20_000);
    expect(queue.deadLetters).toEqual([letter('paid')]);
  });

  it.each(['strong', 'eventual'] as const)(
    'opens parked payments again, due at once and with their attempts anew (%s)',
    async (consistency) => {
      const world = open({ consistency });
      const { payments, control } = world.system;
      const { journals } = payments;
      world.at(PAID_MS, () => {
        const journal = journals.peek(EAST_1, 'paid');
        expect(journal?.status).toBe('PROCESSED');
        journals.serveWrite(EAST_1, 'sweep', 'paid', (current) => ({
          put: parked(current as Journal),
          answer: null,
        }));
      });
      // Replicated by then, and asked for in the other Region.
      world.at(PAID_MS + 5_000, () => world.operators.redrive(EAST_2));
      await world.run(PAID_MS + 20_000);
      expect(journals.peek(EAST_1, 'paid')).toMatchObject({ parked: null, attempts: 1 });
      const { events } = world.system.world.trace;
      const written = events.filter(({ what }) => what === 'unparkJournal');
      // Where only one Region's writes count it is that one.
      const [region] = new Set(written.map(({ from }) => from));
      expect(region).toBe(control.lease?.holder ?? EAST_2);
    },
  );
});
