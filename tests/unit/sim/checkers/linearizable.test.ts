import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkLinearizable,
  type RecordedOperation,
  type SequentialModel,
} from '#sim/checkers/linearizable.ts';

/** `toss` leaves one of two values, and nobody hears which. */
type Input =
  | { readonly kind: 'read' | 'toss' }
  | { readonly kind: 'write' | 'create'; readonly value: string };
type Output = string | null;
type Recorded = RecordedOperation<Input, Output>;

/** Of `create`: the value that is there afterwards. Of `write` and `toss`: `done`. */
const register: SequentialModel<string | null, Input, Output> = {
  initial: null,
  step(state, input, output) {
    const tells = (said: Output, next: Output) =>
      output === null || said === output ? [next] : [];
    switch (input.kind) {
      case 'read':
        return tells(state ?? 'nothing', state);
      case 'write':
        return tells('done', input.value);
      case 'create':
        return tells(state ?? input.value, state ?? input.value);
      case 'toss':
        return [...tells('done', 'a'), ...tells('done', 'b')];
    }
  },
  stateKey: String,
};

const answered = (input: Input, calledAt: number, at: number, output: Output): Recorded => ({
  input,
  calledAt,
  answer: { output, at },
});
const lost = (input: Input, calledAt: number): Recorded => ({ input, calledAt, answer: null });
const write = (value: string): Input => ({ kind: 'write', value });
const create = (value: string): Input => ({ kind: 'create', value });
const READ: Input = { kind: 'read' };
const TOSS: Input = { kind: 'toss' };

const kindOf = (history: readonly Recorded[]) => checkLinearizable(history, register).kind;

describe('checkLinearizable', () => {
  it('takes no operations for linearizable', () => {
    expect(checkLinearizable([], register)).toEqual({ kind: 'linearizable', order: [] });
  });

  it.each<[string, readonly Recorded[], readonly number[]]>([
    [
      'operations one after the other',
      [answered(write('a'), 0, 1, 'done'), answered(READ, 2, 3, 'a')],
      [0, 1],
    ],
    [
      'a read that overlaps the write it does not see',
      [answered(write('a'), 0, 3, 'done'), answered(READ, 1, 2, 'nothing')],
      [1, 0],
    ],
    [
      'a read that sees a write before it returns',
      [answered(write('a'), 0, 3, 'done'), answered(READ, 1, 2, 'a')],
      [0, 1],
    ],
    [
      'a return and a call at one moment, either way',
      [answered(write('a'), 0, 1, 'done'), answered(READ, 1, 2, 'nothing')],
      [1, 0],
    ],
    [
      'operations that take no time, at one moment',
      [answered(READ, 1, 1, 'a'), answered(write('a'), 1, 1, 'done')],
      [1, 0],
    ],
    [
      'an unanswered write that took effect',
      [lost(write('a'), 0), answered(READ, 5, 6, 'a')],
      [0, 1],
    ],
    [
      'an unanswered write that never did',
      [lost(write('a'), 0), answered(READ, 5, 6, 'nothing')],
      [1],
    ],
    [
      'an unanswered write that takes effect late',
      [lost(write('a'), 0), answered(READ, 1, 2, 'nothing'), answered(READ, 3, 4, 'a')],
      [1, 0, 2],
    ],
    [
      'an unanswered write that was called when its effect was already awaited',
      [answered(READ, 0, 2, 'a'), lost(write('a'), 2)],
      [1, 0],
    ],
    [
      'what chance decided the second way',
      [answered(TOSS, 0, 1, 'done'), answered(READ, 2, 3, 'b')],
      [0, 1],
    ],
  ])('explains %s', (_name, history, order) => {
    expect(checkLinearizable(history, register)).toEqual({ kind: 'linearizable', order });
  });

  it.each<[string, readonly Recorded[], readonly number[]]>([
    [
      'a read that misses an acknowledged write',
      [answered(write('a'), 0, 1, 'done'), answered(READ, 2, 3, 'nothing')],
      [0],
    ],
    ['two winners', [answered(create('a'), 0, 3, 'a'), answered(create('b'), 1, 2, 'b')], [0]],
    [
      'a value that is seen and then gone',
      [
        answered(write('a'), 0, 1, 'done'),
        lost(write('b'), 2),
        answered(READ, 3, 4, 'b'),
        answered(READ, 5, 6, 'a'),
      ],
      [0, 1, 2],
    ],
    [
      'two values of one toss, after the order that goes furthest',
      [
        answered(READ, 0, 9, 'b'),
        answered(TOSS, 1, 9, 'done'),
        answered(READ, 10, 11, 'b'),
        answered(READ, 12, 13, 'a'),
      ],
      [1, 0, 2],
    ],
    [
      'an unanswered write that is seen before its call',
      [answered(READ, 0, 1, 'a'), lost(write('a'), 2)],
      [],
    ],
    [
      'an unanswered write that takes effect twice',
      [
        lost(write('a'), 0),
        answered(READ, 1, 2, 'a'),
        answered(write('b'), 3, 4, 'done'),
        answered(READ, 5, 6, 'b'),
        answered(READ, 7, 8, 'a'),
      ],
      [0, 1, 2, 3],
    ],
    [
      'what chance decided both ways',
      [answered(TOSS, 0, 1, 'done'), answered(READ, 2, 3, 'a'), answered(READ, 4, 5, 'b')],
      [0, 1],
    ],
  ])('rejects %s', (_name, history, longest) => {
    expect(checkLinearizable(history, register)).toEqual({ kind: 'not-linearizable', longest });
  });

  it('says when it gives up', () => {
    const history = [answered(write('a'), 0, 1, 'done'), answered(READ, 2, 3, 'nothing')];
    expect(checkLinearizable(history, register, 1)).toEqual({ kind: 'undecided', steps: 1 });
  });

  it('rejects an operation that returns before it is called', () => {
    const history = [answered(write('a'), 5, 4, 'done'), answered(READ, 6, 7, 'b')];
    expect(() => checkLinearizable(history, register)).toThrow('before it returns');
  });
});

/** Every order of every set of operations that has all the answered ones, without any cleverness. */
function bruteForce(history: readonly Recorded[]): boolean {
  const place = (left: readonly Recorded[], states: readonly Output[]): boolean => {
    if (states.length === 0) return false;
    if (left.every(({ answer }) => answer === null)) return true;
    return left.some((next) => {
      const others = left.filter((one) => one !== next);
      if (others.some(({ answer }) => answer !== null && answer.at < next.calledAt)) return false;
      const output = next.answer?.output ?? null;
      return place(
        others,
        states.flatMap((state) => register.step(state, next.input, output)),
      );
    });
  };
  return place(history, [register.initial]);
}

const anyOperation = fc
  .record({
    input: fc.oneof(
      fc.constant(READ),
      fc.constant(TOSS),
      fc.constantFrom(write('a'), write('b'), create('a'), create('b')),
    ),
    calledAt: fc.nat(8),
    lasts: fc.nat(6),
    said: fc.constantFrom('nothing', 'a', 'b'),
    isLost: fc.constantFrom(false, false, false, true),
  })
  .map(({ input, calledAt, lasts, said, isLost }): Recorded => {
    if (isLost) return lost(input, calledAt);
    const output = input.kind === 'write' || input.kind === 'toss' ? 'done' : said;
    return answered(input, calledAt, calledAt + lasts, output);
  });

it('agrees with a search by brute force', () => {
  const verdicts = { true: 0, false: 0 };
  fc.assert(
    fc.property(fc.array(anyOperation, { maxLength: 6 }), (history) => {
      const expected = bruteForce(history);
      verdicts[`${expected}`] += 1;
      expect(kindOf(history)).toBe(expected ? 'linearizable' : 'not-linearizable');
    }),
    { numRuns: 3_000 },
  );
  expect(verdicts.true).toBeGreaterThan(100);
  expect(verdicts.false).toBeGreaterThan(100);
});

/** Adds one and returns the sum: every answer is different. */
const counter: SequentialModel<number, 'add', number> = {
  initial: 0,
  step: (state, _input, output) => (output === null || output === state + 1 ? [state + 1] : []),
  stateKey: (state) => state,
};

/** Operations around their moments of effect, up to five at once; some answers are lost. */
const counted = fc
  .array(
    fc.record({
      before: fc.integer({ min: 0, max: 25 }),
      after: fc.integer({ min: 0, max: 25 }),
      fate: fc.constantFrom('answered', 'answered', 'answered', 'lost', 'ignored'),
    }),
    { minLength: 4, maxLength: 300 },
  )
  .map((drawn) => {
    let sum = 0;
    let unanswered = 0;
    return drawn.map(({ before, after, fate }, place): RecordedOperation<'add', number> => {
      const calledAt = place * 10 - before;
      // A handful: each may or may not have taken effect, and the search has to try.
      const isLost = fate !== 'answered' && unanswered < 4;
      if (isLost) unanswered += 1;
      if (!isLost || fate === 'lost') sum += 1;
      const answer = isLost ? null : { output: sum, at: place * 10 + after };
      return { input: 'add', calledAt, answer };
    });
  });

it('explains every history that has moments of effect, however long', () => {
  fc.assert(
    fc.property(counted, (history) => {
      const verdict = checkLinearizable(history, counter);
      expect(verdict.kind).toBe('linearizable');
      if (verdict.kind !== 'linearizable') return;
      let sum = 0;
      let latestCall = Number.NEGATIVE_INFINITY;
      for (const index of verdict.order) {
        sum += 1;
        const operation = history[index];
        if (operation?.answer) {
          expect(operation.answer.output).toBe(sum);
          expect(operation.answer.at).toBeGreaterThanOrEqual(latestCall);
        }
        latestCall = Math.max(latestCall, operation?.calledAt ?? 0);
      }
      expect(new Set(verdict.order).size).toBe(verdict.order.length);
    }),
    { numRuns: 300 },
  );
});

it('rejects such a history once two answers are equal', () => {
  fc.assert(
    fc.property(counted, fc.nat(), (history, seed) => {
      const heard = [...history.keys()].filter((index) => history[index]?.answer !== null);
      fc.pre(heard.length > 1);
      const at = seed % (heard.length - 1);
      const one = history[heard[at] as number];
      const two = history[heard[at + 1] as number];
      const answer = one?.answer ?? null;
      const mutated = history.map((operation) =>
        operation === two && answer !== null && operation.answer !== null
          ? { ...operation, answer: { ...operation.answer, output: answer.output } }
          : operation,
      );
      expect(checkLinearizable(mutated, counter).kind).toBe('not-linearizable');
    }),
    { numRuns: 200 },
  );
});
