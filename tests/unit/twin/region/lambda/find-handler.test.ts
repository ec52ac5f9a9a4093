import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { findHandler } from '#twin/region/lambda/find-handler.ts';
import { FUNCTION } from '../api/request-fixture.ts';

const codeDirectory = mkdtempSync(join(tmpdir(), 'find-handler-'));
writeFileSync(join(codeDirectory, 'index.mjs'), '');
writeFileSync(join(codeDirectory, 'both.js'), '');
writeFileSync(join(codeDirectory, 'both.mjs'), '');
afterAll(() => rmSync(codeDirectory, { recursive: true }));

const find = (handler: string, runtime = 'nodejs24.x') =>
  findHandler({ ...FUNCTION, codeDirectory, handler, runtime });

describe('findHandler', () => {
  it.each([
    ['index.handler', 'index.mjs', 'handler'],
    ['both.run', 'both.js', 'run'],
  ])('finds %s in %s', (handler, file, exportName) => {
    expect(find(handler)).toEqual({ file: join(codeDirectory, file), exportName });
  });

  it.each([
    ['a missing module', 'other.handler', undefined, `other.cjs in ${codeDirectory}`],
    ['a handler without an export', 'index', undefined, 'must be <module>.<export>'],
    ['an empty export', 'index.', undefined, 'must be <module>.<export>'],
    ['another runtime', 'index.handler', 'python3.13', 'Node.js functions only'],
  ])('rejects %s, naming the function', (_, handler, runtime, message) => {
    expect(() => find(handler, runtime)).toThrow(message);
    expect(() => find(handler, runtime)).toThrow('Function fn');
  });
});
