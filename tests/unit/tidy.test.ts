/** Bans what the style forbids, and names the replacement. */

import { describe, expect, it } from 'vitest';
import { sourceFiles } from '../support/source-files.ts';

const LINES_MAX = 400;

describe('the source', () => {
  const source = sourceFiles('{src,sdk,scripts,bench}/**/*.ts');
  const tests = sourceFiles('tests/**/*.ts');

  it('has short files, each one thing', () => {
    const long = [...source, ...tests]
      .map(({ path, text }) => ({ path, lines: text.split('\n').length }))
      .filter(({ lines }) => lines > LINES_MAX);
    expect(long).toEqual([]);
  });

  it('opens every file with its purpose', () => {
    const bare = source
      .filter(({ text }) => !/^(?:#!.*\n)?\/\*\*/.test(text))
      .map(({ path }) => path);
    expect(bare).toEqual([]);
  });

  it('leaves nothing for later', () => {
    const found = source
      .filter(({ text }) => /\b(?:TODO|FIXME|XXX:|HACK)\b/.test(text))
      .map(({ path }) => path);
    expect(found).toEqual([]);
  });

  it('switches no test off and focuses none', () => {
    const found = tests
      .filter(({ text }) => /\b(?:it|test|describe)\.(?:only|todo|skip)\(/.test(text))
      .map(({ path }) => path);
    expect(found).toEqual([]);
  });

  it('writes no function down where it is assigned to a property, in what simulated runs are made of', () => {
    const assigned = /\.#?\w+ = (?:async )?(?:function\b|(?:\w+|\([^)]*\)(?:: [^=]+)?) =>)/;
    expect(['a.run = () => 1', 'this.#f = async (x: A): B => x', 'a.b = c => c']).toSatisfy(
      (samples: string[]) => samples.every((sample) => assigned.test(sample)),
    );
    const found = sourceFiles('{src/core,src/sim,sdk/src}/**/*.ts')
      .filter(({ text }) => assigned.test(text))
      .map(({ path }) => path);
    expect(found).toEqual([]);
  });

  it('listens on loopback only', () => {
    const found = source
      .filter(({ text }) => /0\.0\.0\.0|\[::\]/.test(text))
      .map(({ path }) => path);
    expect(found).toEqual([]);
  });
});
