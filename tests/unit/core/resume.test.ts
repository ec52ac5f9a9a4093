/** A payment whose first attempt broke somewhere, whose resumption broke too, and which a sweep ends. */

import { describe, expect, it, vi } from 'vitest';
import { acceptPayment } from '#core/accept-payment.ts';
import { AppError } from '#core/app-error.ts';
import { consumePayments } from '#core/consume-payments.ts';
import { type ProcessOutcome, processPayment } from '#core/process-payment.ts';
import {
  createMemoryPayments,
  createMemoryWorld,
  type MemoryOptions,
  type MemoryPayments,
} from '../../support/memory-payments.ts';
import { breakNth, type StepFate } from '../../support/memory-steps.ts';
import { attempt, elsewhere, request, START_MS, sweep } from './payment-fixture.ts';

// Thousands of lives in each test.
vi.setConfig({ testTimeout: 30_000 });

const HOUR_MS = 3_600_000;
/** More than any attempt has: create, look up, charge, record, publish, settle; a claim; a decline. */
const STEPS_MAX = 8;

type Answer = ProcessOutcome | 'crashed' | null;

const FIRSTS = {
  process: (ports: MemoryPayments): Promise<Answer> => processPayment(request, attempt, ports),
  accept: async (ports: MemoryPayments): Promise<Answer> => {
    await acceptPayment(request, attempt, ports);
    return null;
  },
} as const;

const RESUMPTIONS = {
  process: (ports: MemoryPayments): Promise<Answer> => processPayment(request, elsewhere, ports),
  consume: async (ports: MemoryPayments): Promise<Answer> => {
    await consumePayments([request.transactionId], attempt, ports);
    return null;
  },
  sweep: async (ports: MemoryPayments): Promise<Answer> => {
    await sweep(ports);
    return null;
  },
} as const;

const FATES: readonly StepFate[] = [
  'crash-before',
  'crash-after',
  'refused',
  'lost-before',
  'lost-after',
];

interface Break {
  readonly at: number;
  readonly fate: StepFate;
}
const breaks = (fates: readonly StepFate[]): readonly Break[] =>
  Array.from({ length: STEPS_MAX }, (_unused, at) => fates.map((fate) => ({ at, fate }))).flat();

/** Lets the first attempt and its resumption break, a sweep finish, and a caller ask once more. */
async function live(
  first: (ports: MemoryPayments) => Promise<Answer>,
  resume: (ports: MemoryPayments) => Promise<Answer>,
  [one, two]: readonly [Break, Break],
  gateway: Pick<MemoryOptions, 'refuseCharge' | 'gatewayKeepsKeys'>,
) {
  const world = createMemoryWorld();
  const answers: Answer[] = [];
  const run = async (
    hour: number,
    work: (ports: MemoryPayments) => Promise<Answer>,
    broken?: Break,
  ) => {
    const ports = createMemoryPayments({
      ...gateway,
      world,
      nowEpochMs: () => START_MS + hour * HOUR_MS,
      ...(broken === undefined ? {} : { fateOf: breakNth(broken.at, broken.fate) }),
    });
    try {
      answers.push(await ports.untilCrash(work(ports)));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  };
  await run(0, first, one);
  await run(1, resume, two);
  await run(2, RESUMPTIONS.sweep);
  const settled = structuredClone(world.table.journals.get(request.transactionId));
  await run(3, RESUMPTIONS.process);
  return { world, settled, answers: answers.filter((answer) => answer !== null) };
}

function checkCharged({ world, settled, answers }: Awaited<ReturnType<typeof live>>): void {
  // Not there after the sweep: it was never accepted, and the last caller's was the first attempt.
  if (settled !== undefined) {
    expect(settled).toMatchObject({ status: 'PROCESSED', dueAtEpochMs: null });
  }
  expect([...world.charges.values()]).toEqual([1]);
  expect(world.table.payments.size).toBe(1);
  expect(new Set(world.published)).toEqual(new Set(['txn-1#PROCESSED']));
  const payment = [...world.table.payments.values()][0];
  const answered = answers.filter((answer) => answer !== 'crashed');
  for (const answer of answered) expect(answer).toMatchObject({ kind: 'processed', payment });
}

function checkDeclined({ world, settled, answers }: Awaited<ReturnType<typeof live>>): void {
  if (settled !== undefined) {
    expect(settled).toMatchObject({
      status: 'DECLINED',
      declineReason: 'expired_card',
      dueAtEpochMs: null,
    });
  }
  expect(world.charges.size).toBe(0);
  expect(world.table.payments.size).toBe(0);
  expect(new Set(world.published)).toEqual(new Set(['txn-1#DECLINED']));
  for (const answer of answers.filter((one) => one !== 'crashed')) {
    expect(answer).toMatchObject({ kind: 'declined', reason: 'expired_card' });
  }
}

const PATHS = (['process', 'accept'] as const).flatMap((first) =>
  (['process', 'consume', 'sweep'] as const).map((resumption) => ({ first, resumption })),
);

describe.each(PATHS)('$first that broke, then $resumption that broke, then a sweep', (path) => {
  const first = FIRSTS[path.first];
  const resumption = RESUMPTIONS[path.resumption];

  it('charge once, record once, notify of one thing and give one answer', async () => {
    for (const one of breaks([...FATES, 'repeated'])) {
      for (const two of breaks([...FATES, 'repeated'])) {
        checkCharged(await live(first, resumption, [one, two], {}));
      }
    }
  });

  it('decline once, notify of one thing and give one answer', async () => {
    for (const one of breaks(FATES)) {
      for (const two of breaks(FATES)) {
        checkDeclined(await live(first, resumption, [one, two], { refuseCharge: 'expired_card' }));
      }
    }
  });

  it('charge once even where the gateway keeps no keys, because each looks first', async () => {
    for (const one of breaks(FATES)) {
      for (const two of breaks(FATES)) {
        checkCharged(await live(first, resumption, [one, two], { gatewayKeepsKeys: false }));
      }
    }
  });
});
