import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyEdits } from '#cli/simulate/plant-bug.ts';
import { BUG_AREAS, type PlantedBug } from '#cli/simulate/planted-bug.ts';
import { PLANTED_BUGS } from '#cli/simulate/planted-bugs.ts';
import { ROOT } from '../../../support/source-files.ts';

const filesOf = ({ edits }: PlantedBug) => [...new Set(edits.map(({ file }) => file))];

describe('the planted bugs', () => {
  it('are many, in every area, each with a name of its own', () => {
    expect(PLANTED_BUGS.length).toBeGreaterThanOrEqual(48);
    expect(new Set(PLANTED_BUGS.map(({ name }) => name)).size).toBe(PLANTED_BUGS.length);
    expect([...new Set(PLANTED_BUGS.map(({ area }) => area))]).toEqual([...BUG_AREAS]);
  });

  it.each(PLANTED_BUGS)('$name is one that can be planted, and parses', (bug) => {
    expect(bug.edits.length).toBeGreaterThan(0);
    for (const file of filesOf(bug)) {
      const source = readFileSync(join(ROOT, file), 'utf8');
      const planted = applyEdits(bug, file, source);
      expect(planted).not.toBe(source);
      expect(() => stripTypeScriptTypes(planted)).not.toThrow();
    }
  });

  it.each(PLANTED_BUGS)('$name says in a line what it breaks', ({ name, what, invariants }) => {
    expect(name).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
    expect(what).toMatch(/^\P{Cc}{20,100}$/u);
    expect(invariants.length).toBeGreaterThan(0);
    expect(invariants.filter((number) => !(number >= 1 && number <= 16))).toEqual([]);
    expect([...invariants]).toEqual([...new Set(invariants)].toSorted((one, two) => one - two));
  });

  it('are in the core and the client alone: a bug in what is faked would prove nothing', () => {
    const elsewhere = PLANTED_BUGS.flatMap(filesOf).filter(
      (file) => !file.startsWith('src/core/') && !file.startsWith('sdk/src/'),
    );
    expect(elsewhere).toEqual([]);
  });
});
