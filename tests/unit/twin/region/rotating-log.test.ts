import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { appendLine, openRotatingLog } from '#twin/region/rotating-log.ts';

let directory = '';
let path = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rotating-log-'));
  path = join(directory, 'fn.log');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('openRotatingLog', () => {
  it('appends to what is there, beside a second writer', () => {
    appendLine(path, { line: 1 });
    const log = openRotatingLog(path);
    log.write('two\n');
    appendLine(path, { line: 3 });
    log.close();
    expect(readFileSync(path, 'utf8')).toBe('{"line":1}\ntwo\n{"line":3}\n');
  });

  it('keeps one old file when it reaches the limit, and splits no write', () => {
    const log = openRotatingLog(path, 10);
    for (const text of ['first-1\n', 'first-2\n', 'second-1\n', 'second-2\n', 'third\n']) {
      log.write(text);
    }
    log.close();
    expect(readdirSync(directory).sort()).toEqual(['fn.log', 'fn.log.1']);
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('second-1\nsecond-2\n');
    expect(readFileSync(path, 'utf8')).toBe('third\n');
  });

  it('counts what an earlier process left in the file', () => {
    openRotatingLog(path, 10).write('0123456789');
    const log = openRotatingLog(path, 10);
    log.write('next');
    log.close();
    expect(readFileSync(path, 'utf8')).toBe('next');
  });

  it('drops lines rather than throw when they can not be written', () => {
    const log = openRotatingLog(path, 10);
    log.write('0123456789');
    rmSync(directory, { recursive: true });
    log.write('lost');
    expect(() => log.write('lost too')).not.toThrow();
  });

  it('rejects a folder that is not there', () => {
    expect(() => openRotatingLog(join(directory, 'none', 'fn.log'))).toThrow('ENOENT');
  });
});
