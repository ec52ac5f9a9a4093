/** Holds the architecture's import table against the real imports. Source: docs/architecture.md. */

import { describe, expect, it } from 'vitest';
import { folderOf, sourceFiles } from '../support/source-files.ts';

/** Folder → what it may import: folders of ours, and packages by name or prefix. */
const MAY_IMPORT: Readonly<
  Record<string, { ours: readonly string[]; packages: readonly string[] }>
> = {
  'src/contract': { ours: [], packages: ['zod'] },
  'src/core': { ours: ['src/contract'], packages: [] },
  'src/adapters': {
    ours: ['src/core', 'src/contract'],
    packages: ['@aws-sdk/', 'node:'],
  },
  'src/handlers': {
    ours: ['src/core', 'src/adapters', 'src/contract'],
    packages: ['@aws-sdk/', 'node:'],
  },
  'src/infra': {
    ours: ['src/contract'],
    packages: ['aws-cdk-lib', 'constructs', 'cdk-nag', 'node:'],
  },
  'src/twin': {
    ours: [],
    packages: ['undici', 'fauxqs', 'dns2', 'dynalite', 'node:'],
  },
  'src/gateway': { ours: ['src/contract'], packages: ['node:'] },
  'src/sim': { ours: ['src/core', 'src/contract', 'sdk'], packages: [] },
  'src/ops': {
    ours: ['src/core', 'src/adapters', 'src/contract', 'sdk'],
    packages: ['@aws-sdk/', 'node:'],
  },
  'src/cli': {
    ours: ['src/ops', 'src/sim', 'src/twin', 'src/gateway', 'src/contract'],
    packages: ['commander', 'node:'],
  },
  'src/console': { ours: [], packages: [] },
  // Its examples import it by its own name, as strangers do.
  sdk: { ours: [], packages: ['@holdfast/sdk'] },
};

const files = sourceFiles('{src,sdk}/**/*.{ts,js}');

/** `src/core`, or `sdk`: a key of the table. */
const ownFolder = (path: string): string => {
  const [first = '', second] = path.split('/');
  return first === 'src' ? `src/${second}` : first;
};

describe('the import table', () => {
  it('knows every folder of src, and the sdk', () => {
    const folders = new Set(files.map(({ path }) => ownFolder(path)));
    expect([...folders].filter((folder) => !(folder in MAY_IMPORT))).toEqual([]);
    expect(folders.size).toBeGreaterThan(5);
  });

  it('holds for every import', () => {
    const broken: string[] = [];
    let imports = 0;
    for (const file of files) {
      const own = ownFolder(file.path);
      const rule = MAY_IMPORT[own];
      for (const specifier of file.imports) {
        imports += 1;
        const folder = folderOf(file, specifier);
        const allowed =
          folder === null
            ? rule?.packages.some((prefix) => specifier.startsWith(prefix))
            : folder === own || rule?.ours.includes(folder);
        if (!allowed) broken.push(`${file.path} imports ${specifier}`);
      }
    }
    expect(broken).toEqual([]);
    expect(imports).toBeGreaterThan(100);
  });

  it('uses private subpath imports instead of deep relative ones', () => {
    const deep = sourceFiles('{src,sdk}/**/*.ts').flatMap(({ path, imports }) =>
      imports.filter((specifier) => specifier.startsWith('../../..')).map((it) => `${path}: ${it}`),
    );
    expect(deep).toEqual([]);
  });

  it('finds no import of tests in the source', () => {
    const found = files.filter(({ imports }) => imports.some((it) => it.includes('tests/')));
    expect(found.map(({ path }) => path)).toEqual([]);
  });
});

describe("core, sim and the client's retry policy", () => {
  /** What leaks time, chance or the outside world into code that must be replayable. */
  const BANNED: readonly (readonly [RegExp, string])[] = [
    [/\bDate\b/, 'a Clock port'],
    [/\bMath\.random\b/, 'a random port'],
    [/\bset(?:Timeout|Interval|Immediate)\b/, 'a timer port'],
    [/\bqueueMicrotask\b/, 'plain await'],
    [/(?<![-\w])process\./, 'options passed in'],
    [/\bperformance\b/, 'a Clock port'],
    [/\b(?:fetch|WebSocket|crypto)\b/, 'a port'],
    [/\bAbortSignal\.timeout\b/, 'a Deadline'],
    [/['"]node:/, 'a port'],
  ];

  it('touch no clock, chance or I/O of their own', () => {
    const found: string[] = [];
    const pure = ['src/{core,sim}/**/*.ts', 'sdk/src/{retry-policy,breaker,observation}.ts'];
    for (const file of pure.flatMap(sourceFiles)) {
      const withoutComments = file.text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*/g, '');
      for (const [pattern, instead] of BANNED) {
        if (pattern.test(withoutComments)) found.push(`${file.path}: ${pattern}; use ${instead}`);
      }
    }
    expect(found).toEqual([]);
  });
});
