import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PendingLog } from '#twin/dynamodb/table/pending-log.ts';

const image = (id: string, itemJson: string | null) => ({ id, keyJson: `{"p":"${id}"}`, itemJson });

describe('PendingLog', () => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pending-log-'));
    path = join(folder, 'us-east-2', 'things.log');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps the latest image of each item, in the order in which they were first missed', () => {
    const log = PendingLog.open(null);
    log.add(image('a', '1'));
    log.add(image('b', null));
    log.add(image('a', '2'));
    expect([...log.values()]).toEqual([image('a', '2'), image('b', null)]);
    log.remove('a');
    expect(log.size).toBe(1);
  });

  it('has everything again after a stop that nobody prepared', () => {
    const log = PendingLog.open(path);
    log.add(image('a', '"first\\nline"'));
    log.add(image('b', '1'));
    log.add(image('c', null));
    log.remove('b');
    // Not closed: the process was killed.
    const next = PendingLog.open(path);
    expect([...next.values()]).toEqual([image('a', '"first\\nline"'), image('c', null)]);
    next.close();
    log.close();
  });

  it('ignores a last line that was cut off, and goes on behind it', () => {
    const log = PendingLog.open(path);
    log.add(image('a', '1'));
    log.close();
    appendFileSync(path, '["b","{}","cut of');
    const second = PendingLog.open(path);
    expect([...second.values()]).toEqual([image('a', '1')]);
    second.add(image('c', '1'));
    second.close();
    expect([...PendingLog.open(path).values()]).toEqual([image('a', '1'), image('c', '1')]);
  });

  it('rejects a damaged file rather than forget a write', () => {
    PendingLog.open(path).close();
    appendFileSync(path, 'nonsense\n["a","{}","1"]\n');
    expect(() => PendingLog.open(path)).toThrow('line 1, is not a change');
  });

  it('shrinks the file when nothing is left, and when most of it is superseded', () => {
    const log = PendingLog.open(path);
    for (let n = 0; n < 10_100; n++) log.add(image('a', String(n)));
    expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThan(200);
    expect(log.get('a')).toEqual(image('a', '10099'));
    log.remove('a');
    expect(statSync(path).size).toBe(0);
    log.add(image('b', '1'));
    log.clear();
    expect(statSync(path).size).toBe(0);
    log.close();
  });
});
