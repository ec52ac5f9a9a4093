/** Bundling: one self-contained file for each job, reproducible, and nothing lost when it fails. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { BundleError, bundleFunctions } from '../../scripts/bundle-functions.ts';
import { scratchFolder } from './support.ts';

/** A project with the handlers given, a private import and a CommonJS package. */
function project(handlers: Readonly<Record<string, string>>): string {
  const root = scratchFolder();
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write('package.json', JSON.stringify({ type: 'module', imports: { '#core/*': './src/core/*' } }));
  write('src/core/greet.ts', 'export const greet = (name: string): string => `hello ${name}`;\n');
  write('node_modules/old/package.json', JSON.stringify({ name: 'old', main: 'index.js' }));
  write(
    'node_modules/old/index.js',
    "/*! @license Old */ module.exports = { join: require('node:path').posix.join };\n",
  );
  for (const [job, text] of Object.entries(handlers)) write(`src/handlers/${job}.ts`, text);
  return root;
}

const GREETER = `
import old from 'old';
import { greet } from '#core/greet.ts';
/** Answers with its name. */
export const handler = async (name: string): Promise<string> => old.join('a', greet(name));
`;

describe('bundleFunctions', () => {
  test('writes one file a job that runs by itself', async () => {
    const root = project({ first: GREETER, second: 'export const handler = () => 2;\n' });
    const outDir = join(root, 'dist');
    const bundles = await bundleFunctions({ root, outDir, jobs: ['first', 'second'] });
    expect(bundles.map(({ job, path, inputCount }) => ({ job, path, inputCount }))).toEqual([
      { job: 'first', path: join(outDir, 'first', 'index.mjs'), inputCount: 3 },
      { job: 'second', path: join(outDir, 'second', 'index.mjs'), inputCount: 1 },
    ]);
    for (const { path, sizeBytes } of bundles) {
      expect(readFileSync(path).byteLength).toBe(sizeBytes);
    }
    // In another place, so that nothing but the file itself can be what makes it run.
    const moved = join(scratchFolder(), 'moved.mjs');
    writeFileSync(moved, readFileSync(join(outDir, 'first', 'index.mjs')));
    const { handler } = (await import(pathToFileURL(moved).href)) as {
      handler: (name: string) => Promise<string>;
    };
    expect(await handler('you')).toBe('a/hello you');
  });

  test('leaves nothing but the bundles behind', async () => {
    const root = project({ first: GREETER });
    const outDir = join(root, 'dist');
    await bundleFunctions({ root, outDir, jobs: ['first'] });
    expect(readdirSync(outDir, { recursive: true }).map(String).sort()).toEqual([
      'first',
      join('first', 'index.mjs'),
    ]);
  });

  test('gives the same bytes for the same input, wherever it lies', async () => {
    const bytes = async () => {
      const root = project({ first: GREETER });
      await bundleFunctions({ root, outDir: join(root, 'dist'), jobs: ['first'] });
      return readFileSync(join(root, 'dist', 'first', 'index.mjs'), 'utf8');
    };
    const once = await bytes();
    expect(await bytes()).toBe(once);
    expect(once).not.toContain('Answers with its name');
    expect(once).not.toContain('@license');
  });

  test('rejects broken handlers by name and keeps every old bundle', async () => {
    const root = project({ first: GREETER, second: 'export const handler = () => 1;\n' });
    const outDir = join(root, 'dist');
    const jobs = ['first', 'second', 'third'];
    await bundleFunctions({ root, outDir, jobs: ['first', 'second'] });
    const contents = () =>
      ['first', 'second'].map((job) => readFileSync(join(outDir, job, 'index.mjs'), 'utf8'));
    const before = contents();

    writeFileSync(
      join(root, 'src/handlers/first.ts'),
      "export { nothing } from '#core/none.ts';\n",
    );
    writeFileSync(join(root, 'src/handlers/second.ts'), 'export const handler = () => 2;\n');
    const failure = await bundleFunctions({ root, outDir, jobs }).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(BundleError);
    const { message } = failure as BundleError;
    expect(message).toMatch(/^first: cannot bundle src\/handlers\/first\.ts/);
    expect(message).toContain('#core/none.ts');
    expect(message).toContain('third: cannot bundle src/handlers/third.ts');
    expect(contents()).toEqual(before);
    expect(existsSync(join(outDir, 'third'))).toBe(false);
  });
});
