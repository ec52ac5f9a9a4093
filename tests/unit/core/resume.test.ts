/** A payment whose first attempt broke somewhere, whose resumption broke too, and which a sweep ends. */

import { describe, expect, it, vi } from 'vitest';
import { acceptPayment } from '#core/accept-payment.ts';
import { AppError } from '#core/app-error.ts';
import { consumePayments } from '#core/consume-payments.ts';
import type { Payment } from '#core/journal.ts';
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
const STEPS_MAX = 7;

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
    await consumePayments([{ ...request, fingerprint: null }], attempt, ports);
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

/** What a life came to, for callers, table, gateway and topic. */
function summaryOf({ world, settled, answers }: Awaited<ReturnType<typeof live>>) {
  // Not there after the sweep: nothing was accepted until the last caller's attempt.
  const journal = settled ?? world.table.journals.get(request.transactionId);
  const told = answers.flatMap((answer) => {
    if (answer === 'crashed') return [];
    return answer.kind === 'processed' ? answer.payment : answer;
  });
  return {
    status: journal?.status,
    dueAtEpochMs: journal?.dueAtEpochMs,
    charges: [...world.charges.values()],
    published: [...new Set(world.published)],
    records: [...world.table.payments.values()].map((payment) => textOf(payment)),
    answers: [...new Set(told.map((answer) => textOf(answer)))],
  };
}

function textOf(answer: Payment | Exclude<ProcessOutcome, { readonly kind: 'processed' }>): string {
  if (!('kind' in answer)) {
    const { amountMinor, timestampEpochSeconds, region } = answer;
    return `${amountMinor} at ${timestampEpochSeconds} in ${region}`;
  }
  return answer.kind === 'declined' ? `declined: ${answer.reason}` : answer.kind;
}

function expectedCharge(answers: readonly string[]) {
  return {
    status: 'PROCESSED',
    dueAtEpochMs: null,
    charges: [1],
    published: ['txn-1#PROCESSED'],
    records: answers,
    answers: [expect.stringMatching(/^1000 at 1700\d{6} in us-east-\d$/)],
  };
}

const DECLINED = {
  status: 'DECLINED',
  dueAtEpochMs: null,
  charges: [],
  published: ['txn-1#DECLINED'],
  records: [],
  answers: ['declined: expired_card'],
};

const PATHS = (['process', 'accept'] as const).flatMap((first) =>
  (['process', 'consume', 'sweep'] as const).map((resumption) => ({ first, resumption })),
);

describe.each(PATHS)('$first that broke, then $resumption that broke, then a sweep', (path) => {
  /** Every life with two breaks; what they came to, without repeats. */
  const summariesOf = async (
    fates: readonly StepFate[],
    gateway: Pick<MemoryOptions, 'refuseCharge' | 'gatewayKeepsKeys'>,
  ) => {
    const summaries = new Map<string, ReturnType<typeof summaryOf>>();
    for (const one of breaks(fates)) {
      for (const two of breaks(fates)) {
        const lived = await live(
          FIRSTS[path.first],
          RESUMPTIONS[path.resumption],
          [one, two],
          gateway,
        );
        const summary = summaryOf(lived);
        summaries.set(JSON.stringify(summary), summary);
      }
    }
    return [...summaries.values()];
  };

  it('charge once, record once, notify of one thing and give one answer', async () => {
    const summaries = await summariesOf([...FATES, 'repeated'], {});
    expect(summaries).toEqual(summaries.map(({ answers }) => expectedCharge(answers)));
  });

  it('decline once, notify of one thing and give one answer', async () => {
    expect(await summariesOf(FATES, { refuseCharge: 'expired_card' })).toEqual([DECLINED]);
  });

  it('charge once even where the gateway keeps no keys, because each looks first', async () => {
    const summaries = await summariesOf(FATES, { gatewayKeepsKeys: false });
    expect(summaries).toEqual(summaries.map(({ answers }) => expectedCharge(answers)));
  });
});
