import { describe, expect, it } from 'vitest';
import { applyEdits, DoesNotApplyError, plantBug } from '#cli/simulate/plant-bug.ts';
import { edit } from '#cli/simulate/planted-bug.ts';

const FILE = 'src/core/money.ts';

const bugOf = (...edits: ReturnType<typeof edit>[]) => ({ name: 'a-bug', edits });

describe('applyEdits', () => {
  it('makes the edits of that file, one after the other', () => {
    const bug = bugOf(
      edit(FILE, 'one', 'two'),
      edit('src/core/journal.ts', 'three', 'four'),
      edit(FILE, 'two;', 'two, three;'),
    );
    expect(applyEdits(bug, FILE, 'const one;')).toBe('const two, three;');
  });

  it('takes what is to be put in as it stands', () => {
    expect(applyEdits(bugOf(edit(FILE, '(x)', "($&, $1, '$$')")), FILE, 'f(x)')).toBe(
      "f($&, $1, '$$')",
    );
  });

  it.each([
    ['nothing like it', 0],
    ['one, and one more', 2],
    ['one, one, one', 3],
  ])('rejects %j: what is to be replaced is there %i times', (source, count) => {
    const bug = bugOf(edit(FILE, 'one', 'two'));
    expect(() => applyEdits(bug, FILE, source)).toThrow(DoesNotApplyError);
    expect(() => applyEdits(bug, FILE, source)).toThrow(
      `a-bug does not apply: src/core/money.ts has this ${count} times, not once: "one"`,
    );
  });
});

describe('plantBug', () => {
  it('rejects a bug that the source has left behind before anything is loaded', () => {
    const stale = bugOf(edit(FILE, 'roundToTheNearestPenny(', 'truncate('));
    expect(() => plantBug(stale)).toThrow(/a-bug does not apply: src\/core\/money\.ts has this 0/);
  });

  it('rejects a bug in a file that is gone', () => {
    expect(() => plantBug(bugOf(edit('src/core/gone.ts', 'one', 'two')))).toThrow(
      "a-bug does not apply: src/core/gone.ts can't be read",
    );
  });
});
