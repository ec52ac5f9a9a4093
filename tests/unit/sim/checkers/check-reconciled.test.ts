import { expect, it } from 'vitest';
import { paymentOf } from '#core/journal.ts';
import { reconcileReplicas } from '#sim/checkers/reconcile-replicas.ts';
import { FakeRun, MEANING, NOTHING, PRIMARY, SECONDARY, UNHEARD } from './fake-run.ts';

const { transactionId: id } = MEANING;

/**
 * The primary took a payment and was lost before it was replicated; the lease moved then. No bank stands in the way of
 * a second payment under its id.
 */
function lostWithPrimary(): FakeRun {
  const run = new FakeRun({ consistency: 'eventual', gateway: 'recording' });
  run.hold({});
  run.pay({ charge: NOTHING });
  run.nowMs += 20_000;
  run.hold({ holder: SECONDARY, epoch: 2 });
  return run;
}

/** The secondary takes another payment under the same id. */
function takenBySecondary(run: FakeRun, amountMinor: bigint): void {
  const known = run.journals.peek(PRIMARY, id);
  if (known === undefined) throw new Error('no journal to begin with');
  const meaning = { ...MEANING, amountMinor };
  const paymentEpochSeconds = known.paymentEpochSeconds + 100;
  const journal = { ...known, request: meaning, region: SECONDARY, paymentEpochSeconds };
  const other = new FakeRun();
  other.pay({}, meaning);
  const { fingerprint = '' } = other.journals.peek(PRIMARY, id) ?? {};
  run.put({ ...journal, fingerprint }, SECONDARY);
  run.record(paymentOf({ ...journal, fingerprint }), SECONDARY);
  run.answer(run.operation('process', { transactionId: id, meaning }), 200);
}

it('finds a stranded payment in the replica that counts, once it is repaired', () => {
  const run = lostWithPrimary();
  const [reconciled] = reconcileReplicas(run.system, new Set([id]));
  expect(reconciled?.findings.map(({ kind }) => kind)).toEqual(['stranded']);
  expect(reconciled?.after.items.map(({ kind }) => kind)).toEqual(['journal', 'record']);
  expect(run.settle()).toEqual([]);
  expect(run.journals.peek(SECONDARY, id)).toBeUndefined();
});

it('takes two acceptances of which the one that does not stand is reported', () => {
  const run = lostWithPrimary();
  takenBySecondary(run, 7n);
  const [reconciled] = reconcileReplicas(run.system, new Set([id]));
  expect(reconciled?.findings.map(({ kind }) => kind)).toContain('conflict');
  expect(run.settle()).toEqual([]);
});

it('finds a payment that was overwritten before anybody compared the replicas', () => {
  const run = lostWithPrimary();
  const keys: string[] = [];
  run.payments.each(PRIMARY, (_payment, key) => keys.push(key));
  run.payments.delete(PRIMARY, keys[0] ?? '');
  takenBySecondary(run, 7n);
  run.replicate(SECONDARY);
  expect(run.settle()).toEqual([1]);
});

it('takes an overwritten one for told of whose own message is a dead letter', () => {
  const run = lostWithPrimary();
  const { fingerprint = '' } = run.journals.peek(PRIMARY, id) ?? {};
  const keys: string[] = [];
  run.payments.each(PRIMARY, (_payment, key) => keys.push(key));
  run.payments.delete(PRIMARY, keys[0] ?? '');
  takenBySecondary(run, 7n);
  run.replicate(SECONDARY);
  run.deadLetters.push(
    { transactionId: id, fingerprint: null },
    { transactionId: id, fingerprint },
  );
  expect(run.settle()).toEqual([]);
});

it('takes the same payment twice for one, whichever acceptance stands', () => {
  const run = lostWithPrimary();
  takenBySecondary(run, MEANING.amountMinor);
  run.replicate(SECONDARY);
  expect(run.settle()).toEqual([]);
});

it('finds a transaction that is left with no effective payment item', () => {
  const run = new FakeRun({ consistency: 'eventual' });
  run.hold({});
  run.pay({ settle: NOTHING, answer: UNHEARD });
  const declined = run.journals.peek(PRIMARY, id);
  if (declined === undefined) throw new Error('no journal to begin with');
  run.put({ ...declined, status: 'DECLINED', declineReason: 'late', dueAtEpochMs: null });
  expect(run.settle()).toContain(2);
});

it('asks of payments that no Region took along what it asks of strong tables', () => {
  const run = new FakeRun({ consistency: 'eventual' });
  run.hold({});
  run.pay({ charge: NOTHING });
  run.replicate();
  expect(run.settle()).toEqual([1, 16]);
});
