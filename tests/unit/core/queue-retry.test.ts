import { describe, expect, it } from 'vitest';
import { AppError } from '#core/app-error.ts';
import type { QueuedOutcome } from '#core/consume-payments.ts';
import { retryDelaySecondsOf } from '#core/queue-retry.ts';

const failed = (because: AppError): QueuedOutcome => ({ kind: 'failed', because });
const elsewhere = new AppError('region_not_active', 'another Region holds the lease');

describe('retryDelaySecondsOf', () => {
  it.each([
    ['is not ours', null, 1, 0],
    ['names no payment', { kind: 'no-payment' }, 2, 0],
    ['is done', { kind: 'done', settled: null }, 1, null],
    ["is another Region's payment", failed(elsewhere), 1, 60],
    [
      "turns out to be another Region's payment after acceptance",
      failed(new AppError('outcome_unknown', 'carry on', { cause: elsewhere })),
      ...([2, 120] as const),
    ],
    ['failed once', failed(new AppError('unavailable', 'no table')), 1, 10],
    ['failed twice', failed(new AppError('outcome_unknown', 'no answer')), 2, 20],
    [
      'failed since the lease could not be asked for',
      failed(
        new AppError('region_not_active', 'no renewal', {
          cause: new AppError('unavailable', 'no control table'),
        }),
      ),
      ...([3, 30] as const),
    ],
  ] satisfies [string, QueuedOutcome | null, number, number | null][])(
    'knows when a message that %s comes again',
    (_name, outcome, receives, seconds) => {
      expect(retryDelaySecondsOf(outcome, receives)).toBe(seconds);
    },
  );
});
