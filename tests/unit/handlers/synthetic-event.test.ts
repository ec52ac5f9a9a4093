import { describe, expect, it } from 'vitest';
import { isSynthetic, processSynthetic, type SyntheticEvent } from '#handlers/synthetic-event.ts';
import { createMemoryPayments } from '../../support/memory-payments.ts';
import { breakOnce } from '../../support/memory-steps.ts';

const later = { atEpochMs: Number.MAX_SAFE_INTEGER };
const event: SyntheticEvent = { source: 'holdfast.synthetic', epoch: 3 };

describe('isSynthetic', () => {
  it.each([
    [{ source: 'holdfast.synthetic', epoch: 1 }, true],
    [{ source: 'aws.events' }, false],
    [{ resource: '/process', body: '{"source":"holdfast.synthetic","epoch":1}' }, false],
    [{}, false],
  ])('takes %j for one: %s', (one, expected) => {
    expect(isSynthetic(one)).toBe(expected);
  });
});

describe('processSynthetic', () => {
  it('makes the payment, and finds it made the next time', async () => {
    const ports = createMemoryPayments();
    const done = { processed: true, reason: null };
    expect(await processSynthetic(event, 'us-east-2', later, ports)).toEqual(done);
    expect(await processSynthetic(event, 'us-east-2', later, ports)).toEqual(done);
    expect([...ports.table.journals.keys()]).toEqual([' synthetic#3/us-east-2']);
    expect([...ports.charges.keys(), ...ports.published]).toEqual([]);
  });

  it('answers what went wrong with a port', async () => {
    const ports = createMemoryPayments({ fateOf: breakOnce('create', 'refused') });
    const answer = await processSynthetic(event, 'us-east-2', later, ports);
    expect(answer).toMatchObject({ processed: false, reason: expect.stringMatching(/^\w+: /) });
  });

  it.each([-1, 1.5, Number.NaN, '1'])('rejects the epoch %j and makes nothing', async (epoch) => {
    const ports = createMemoryPayments();
    const odd = { ...event, epoch } as SyntheticEvent;
    expect(await processSynthetic(odd, 'us-east-2', later, ports)).toEqual({
      ...{ processed: false, reason: 'epoch must be a whole number, 0 or more' },
    });
    expect(ports.table.journals.size).toBe(0);
  });

  it('passes on a defect', async () => {
    const ports = createMemoryPayments();
    const store = {
      ...ports.store,
      createJournal: () => Promise.reject(new TypeError('a defect')),
    };
    await expect(processSynthetic(event, 'us-east-2', later, { ...ports, store })).rejects.toThrow(
      'a defect',
    );
  });
});
