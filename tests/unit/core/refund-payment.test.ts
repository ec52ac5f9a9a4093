import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { AppError } from '#core/app-error.ts';
import { parseDecimal } from '#core/money.ts';
import type { RefundRequest } from '#core/refund.ts';
import { type RefundOutcome, refundPayment } from '#core/refund-payment.ts';
import {
  createMemoryPayments,
  createMemoryWorld,
  type MemoryWorld,
} from '../../support/memory-payments.ts';
import { breakNth, breakOnce, type Step, type StepFate } from '../../support/memory-steps.ts';
import { attempt, elsewhere, journalOf, START_MS, sweep, worldWith } from './payment-fixture.ts';

vi.setConfig({ testTimeout: 30_000 });

const HOUR_MS = 3_600_000;

function asked(amount: string | null, refundId = 'r-1'): RefundRequest {
  const decimal = amount === null ? null : parseDecimal(amount, 'number');
  if (decimal === null && amount !== null) throw new Error(`not an amount: ${amount}`);
  return { transactionId: 'txn-1', refundId, amount: decimal };
}

const chargedWorld = () => worldWith(journalOf({ status: 'PROCESSED', dueAtEpochMs: null }));
const refundsIn = (world: MemoryWorld) => world.table.journals.get('txn-1')?.refunds ?? [];
const sumOf = (amounts: readonly bigint[]) => amounts.reduce((sum, amount) => sum + amount, 0n);
const later = (world: MemoryWorld, refuseRefund: (minor: bigint) => boolean = () => false) =>
  createMemoryPayments({ world, refuseRefund, nowEpochMs: () => START_MS + HOUR_MS });

describe('refundPayment', () => {
  it('reserves, gives back, tells and stores the end', async () => {
    const steps: Step[] = [];
    const world = chargedWorld();
    const ports = createMemoryPayments({
      world,
      fateOf: (step) => {
        steps.push(step);
        return 'works';
      },
    });
    expect(await refundPayment(asked('4'), attempt, ports)).toMatchObject({
      kind: 'settled',
      refund: { refundId: 'r-1', amountMinor: 400n, status: 'REFUNDED' },
      replayed: false,
      unfinished: null,
    });
    expect(steps).toEqual([
      'read-journals',
      'replace-refunds',
      'refund',
      'publish',
      'replace-refunds',
    ]);
    expect(world.refunds).toEqual(new Map([['txn-1/refunds/r-1', [400n]]]));
    expect(world.table.journals.get('txn-1')).toMatchObject({
      refunds: [{ status: 'REFUNDED' }],
      dueAtEpochMs: null,
    });
  });

  it('replays a settled refund without effects, from the other Region', async () => {
    const world = chargedWorld();
    const first = await refundPayment(asked('4'), attempt, createMemoryPayments({ world }));
    const repeat = await refundPayment(asked('4.00'), elsewhere, later(world));
    if (first.kind !== 'settled' || repeat.kind !== 'settled') throw new Error('not settled');
    expect(repeat).toMatchObject({ replayed: true, refund: first.refund });
    expect(world.published).toEqual(['txn-1/refunds/r-1#REFUNDED']);
    expect(world.refunds.get('txn-1/refunds/r-1')).toEqual([400n]);
  });

  it('stores a decline before it answers it, and frees the amount', async () => {
    const world = chargedWorld();
    const ports = createMemoryPayments({ world, refuseRefund: () => true });
    expect(await refundPayment(asked(null), attempt, ports)).toMatchObject({
      kind: 'settled',
      refund: { status: 'DECLINED', declineReason: 'not_refundable' },
    });
    expect(refundsIn(world)).toMatchObject([{ status: 'DECLINED' }]);
    expect(world.published).toEqual(['txn-1/refunds/r-1#REFUND_DECLINED']);
    expect(await refundPayment(asked(null, 'r-2'), attempt, later(world))).toMatchObject({
      refund: { status: 'REFUNDED', amountMinor: 1000n },
    });
  });

  it.each(['publish', 'replace-refunds'] as const)(
    'does not answer a decline whose %s is left, until a repeat ends it',
    async (step) => {
      const world = chargedWorld();
      // The first replacement of the refunds is the acceptance; the second stores the end.
      let calls = step === 'publish' ? 1 : 0;
      const ports = createMemoryPayments({
        world,
        refuseRefund: () => true,
        fateOf: (name) => {
          if (name === step) calls += 1;
          return name === step && calls === 2 ? 'refused' : 'works';
        },
      });
      await expect(refundPayment(asked('4'), attempt, ports)).rejects.toMatchObject({
        code: 'outcome_unknown',
      });
      expect(refundsIn(world)).toMatchObject([{ status: 'ACCEPTED' }]);
      expect(await refundPayment(asked('4'), elsewhere, later(world))).toMatchObject({
        refund: { status: 'DECLINED' },
      });
    },
  );

  it.each([
    ['no such payment', createMemoryWorld(), { kind: 'no-payment' }],
    ['one not charged yet', worldWith(journalOf()), { kind: 'still-open' }],
    ['a declined one', worldWith(journalOf({ status: 'DECLINED' })), { kind: 'not-charged' }],
  ])('rejects a refund of %s without effects', async (_name, world, expected) => {
    expect(await refundPayment(asked('1'), attempt, createMemoryPayments({ world }))).toEqual(
      expected,
    );
    expect(world.refunds.size).toBe(0);
  });

  it('takes its own write, heard of late, for what it is, and refunds once', async () => {
    const world = chargedWorld();
    const fateOf = breakOnce('replace-refunds', 'repeated');
    const ports = createMemoryPayments({ world, fateOf, gatewayKeepsKeys: false });
    expect(await refundPayment(asked(null), attempt, ports)).toMatchObject({
      kind: 'settled',
      refund: { amountMinor: 1000n, status: 'REFUNDED' },
    });
    expect(world.refunds.get('txn-1/refunds/r-1')).toEqual([1000n]);
  });

  const FATES: readonly StepFate[] = ['refused', 'lost-before', 'lost-after', 'repeated'];
  const CRASHES: readonly StepFate[] = ['crash-before', 'crash-after'];

  it('claims that nothing was stored only when nothing was, whichever two steps break', async () => {
    const steps = Array.from({ length: 9 }, (_unused, at) => at);
    const claims = new Set<string>();
    for (const [one, two] of steps.flatMap((a) => steps.map((b) => [a, b] as const))) {
      for (const [fate, other] of FATES.flatMap((a) => FATES.map((b) => [a, b] as const))) {
        const world = chargedWorld();
        const [first, second] = [breakNth(one, fate), breakNth(two, other)];
        const fateOf = (step: Step) => {
          const [a, b] = [first(step), second(step)];
          return a === 'works' ? b : a;
        };
        try {
          await refundPayment(asked(null), attempt, createMemoryPayments({ world, fateOf }));
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          if (error.code !== 'outcome_unknown') claims.add(`${refundsIn(world).length} stored`);
        }
      }
    }
    expect([...claims]).toEqual(['0 stored']);
  });

  it.each(['repeat', 'sweep'] as const)(
    'that broke, then a %s that broke, then a sweep give back once and end',
    async (path) => {
      const fates = [...FATES.filter((fate) => fate !== 'repeated'), ...CRASHES];
      const steps = Array.from({ length: 8 }, (_unused, at) => at);
      const rows = steps.flatMap((at) => fates.map((fate) => ({ at, fate })));
      for (const [one, two] of rows.flatMap((a) => rows.map((b) => [a, b] as const))) {
        const world = chargedWorld();
        const run = async (
          hour: number,
          work: (ports: ReturnType<typeof createMemoryPayments>) => Promise<unknown>,
          broken: (typeof rows)[number] | null,
        ) => {
          const ports = createMemoryPayments({
            world,
            gatewayKeepsKeys: false,
            nowEpochMs: () => START_MS + hour * HOUR_MS,
            ...(broken === null ? {} : { fateOf: breakNth(broken.at, broken.fate) }),
          });
          await ports.untilCrash(work(ports)).catch((error: unknown) => {
            if (!(error instanceof AppError)) throw error;
          });
        };
        const refund = (where: typeof attempt) => (ports: Parameters<typeof sweep>[0]) =>
          refundPayment(asked(null), where, ports);
        await run(0, refund(attempt), one);
        await run(1, path === 'sweep' ? sweep : refund(elsewhere), two);
        await run(2, sweep, null);
        const stored = refundsIn(world);
        expect(stored.every(({ status }) => status === 'REFUNDED')).toBe(true);
        expect(world.table.journals.get('txn-1')?.dueAtEpochMs ?? null).toBeNull();
        await run(3, refund(elsewhere), null);
        expect([...world.refunds.values()]).toEqual([[1000n]]);
        expect(new Set(world.published)).toEqual(new Set(['txn-1/refunds/r-1#REFUNDED']));
      }
    },
  );
});

describe('refunds from two Regions at once', () => {
  const request = fc.record({
    id: fc.integer({ min: 0, max: 3 }),
    amount: fc.option(fc.constantFrom('1', '2.50', '4', '7', '10', '10.01')),
  });
  const fates = fc.infiniteStream(
    fc.constantFrom<StepFate>(
      'works',
      'works',
      'works',
      'works',
      'refused',
      'lost-before',
      'lost-after',
      'repeated',
      'late',
    ),
  );

  it('never give back more than was charged, and each refund_id once, in any order and with any faults', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 2, maxLength: 7 }),
        fates,
        fc.boolean(),
        fc.scheduler(),
        async (requests, stream, isCalm, s) => {
          const world = chargedWorld();
          const refuseRefund = (minor: bigint) => minor === 250n;
          let now = START_MS;
          const processes = [attempt, elsewhere].map((where) => ({
            where,
            ports: createMemoryPayments({
              world,
              refuseRefund,
              nowEpochMs: () => (now += 10),
              pauseAt: (step) => s.schedule(Promise.resolve(), step),
              fateOf: () => (isCalm ? 'works' : (stream.next().value as StepFate)),
            }),
          }));
          const answers: { readonly id: string; readonly outcome: RefundOutcome }[] = [];
          const runs = requests.map(async ({ id, amount }, index) => {
            const { where, ports } = processes[index % 2] ?? processes[0]!;
            try {
              const outcome = await refundPayment(asked(amount, `r-${id}`), where, ports);
              answers.push({ id: `txn-1/refunds/r-${id}`, outcome });
            } catch (error) {
              expect(error).toBeInstanceOf(AppError);
            }
            const held = refundsIn(world).filter(({ status }) => status !== 'DECLINED');
            expect(sumOf(held.map(({ amountMinor }) => amountMinor))).toBeLessThanOrEqual(1000n);
          });
          await s.waitFor(Promise.all(runs));
          for (const { ports } of processes) ports.arrive();
          const report = await sweep(later(world, refuseRefund));
          expect(report).toMatchObject({ failed: 0, parked: 0 });
          const stored = refundsIn(world);
          expect(stored.filter(({ status }) => status === 'ACCEPTED')).toEqual([]);
          expect(world.table.journals.get('txn-1')?.dueAtEpochMs).toBeNull();
          // The gateway's books and the journal agree, refund by refund.
          const given = stored.filter(({ status }) => status === 'REFUNDED');
          expect(world.refunds).toEqual(
            new Map(given.map((one) => [`txn-1/refunds/${one.refundId}`, [one.amountMinor]])),
          );
          expect(sumOf([...world.refunds.values()].flat())).toBeLessThanOrEqual(1000n);
          for (const { id, outcome } of answers) {
            if (outcome.kind !== 'settled') continue;
            const end = stored.find(({ refundId }) => id.endsWith(`/${refundId}`));
            expect(outcome.refund).toEqual(end);
            const told = outcome.refund.status === 'DECLINED' ? 'REFUND_DECLINED' : 'REFUNDED';
            expect(world.published).toContain(`${id}#${told}`);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
