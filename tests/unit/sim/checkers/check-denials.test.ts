import { describe, expect, it } from 'vitest';
import type { PlannedFault } from '#sim/faults/fault-spec.ts';
import type { Operation } from '#sim/ledger.ts';
import { FakeRun, MEANING, PRIMARY, UNHEARD } from './fake-run.ts';

const { transactionId } = MEANING;
const TWICE: PlannedFault = { id: 'F7', probability: 0.5, atMs: 0, forMs: 10_000 };

function giveUp(run: FakeRun, operation: Operation, mayHaveTakenEffect: boolean): void {
  operation.endedAtMs = run.nowMs;
  operation.mayHaveTakenEffect = mayHaveTakenEffect;
}

/** Somebody pays, gives up, and is told so; the payment was made all the same. */
function denied(faults: readonly PlannedFault[] = []) {
  const run = new FakeRun({}, faults);
  const { operation } = run.pay({ answer: UNHEARD });
  giveUp(run, operation, false);
  return { run, operation };
}

describe('a payment that was made', () => {
  it('may not have been denied to whoever asked for it', () => {
    const { run } = denied();
    expect(run.settle()).toEqual([1]);
    expect(run.violations[0]?.message).toContain('told that it had no effect');
  });

  it('may not have been denied before somebody asked again', () => {
    const { run } = denied();
    run.nowMs += 1;
    giveUp(run, run.operation('process', { transactionId, meaning: MEANING }), true);
    expect(run.settle()).toEqual([1]);
  });

  it('may be the work of somebody else who asked in time', () => {
    const run = new FakeRun();
    const first = run.operation('accept', { transactionId, meaning: MEANING });
    giveUp(run, first, false);
    run.pay();
    expect(run.settle()).toEqual([]);
  });

  it('may be in doubt', () => {
    const { run, operation } = denied();
    giveUp(run, operation, true);
    expect(run.settle()).toEqual([]);
  });

  it('may come of a copy that the network made', () => {
    expect(denied([TWICE]).run.settle()).toEqual([]);
  });

  it('is not what another body asked for', () => {
    const run = new FakeRun();
    const meaning = { ...MEANING, amountMinor: 9n };
    giveUp(run, run.operation('process', { transactionId, meaning }), false);
    run.pay();
    expect(run.settle()).toEqual([]);
  });
});

describe('a refund that was made', () => {
  it('may not have been denied', () => {
    const run = new FakeRun();
    const { journal } = run.pay();
    run.refund(journal, 50n);
    const asked = run.ledger.operations.at(-1) as Operation;
    asked.answers.length = 0;
    asked.silent.push({ region: PRIMARY, sentAtMs: asked.calledAtMs });
    giveUp(run, asked, false);
    expect(run.settle()).toEqual([1]);
    const again = run.operation('refund', { transactionId, refund: asked.refund });
    giveUp(run, again, true);
    run.violations.length = 0;
    expect(run.settle()).toEqual([]);
  });
});
