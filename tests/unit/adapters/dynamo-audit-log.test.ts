import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDynamoAuditLog, itemToEntry } from '#adapters/dynamo-audit-log.ts';
import { sha256Hex } from '#adapters/system.ts';
import { type AuditNote, auditHash, FIRST_PREVIOUS_HASH } from '#core/reconcile/audit-entry.ts';
import {
  EAST_1,
  environmentOf,
  startRegion,
  type TestRegion,
} from '../ops/dynalite-environment.ts';

const tableName = 'payments-control-dev';
let region: TestRegion;
beforeEach(async () => {
  region = await startRegion(EAST_1);
});
afterEach(async () => {
  await region.close();
});

function noteOf(entryId: string, changes: Partial<AuditNote> = {}): AuditNote {
  return {
    entryId,
    atEpochMs: 1_700_000_000_000,
    actor: 'ops@example',
    action: 'record-missing',
    transactionId: 'txn-1',
    before: null,
    after: '{}',
    ...changes,
  };
}

function logOver(client: DynamoDBClient = region.dynamodb) {
  const { attempts } = environmentOf([region]);
  return createDynamoAuditLog({ client, tableName, attempts, hash: sha256Hex });
}

const deadline = { atEpochMs: Number.MAX_SAFE_INTEGER };

async function entries() {
  return (await region.items(tableName))
    .map(itemToEntry)
    .toSorted((a, b) => a.sequence - b.sequence);
}

describe('the audit log', () => {
  it('numbers entries from 1 and chains each to the one before it', async () => {
    const log = logOver();
    expect(await log.append(noteOf('a', { before: '{"n":1}' }), deadline)).toBe(1);
    expect(await log.append(noteOf('b'), deadline)).toBe(2);
    // Another operator's process goes on where this one is.
    expect(await logOver().append(noteOf('c'), deadline)).toBe(3);
    const [first, second, third] = await entries();
    expect(first).toEqual({
      ...noteOf('a', { before: '{"n":1}' }),
      sequence: 1,
      previousHash: FIRST_PREVIOUS_HASH,
    });
    if (first === undefined || second === undefined) throw new Error('three entries');
    expect(second.previousHash).toBe(auditHash(first, sha256Hex));
    expect(third?.previousHash).toBe(auditHash(second, sha256Hex));
  });

  it('shows any change of an entry in the hash that follows it', () => {
    const entry = { ...noteOf('a'), sequence: 1, previousHash: FIRST_PREVIOUS_HASH };
    const changed = [
      { ...entry, actor: 'other' },
      { ...entry, after: '{"x":1}' },
      { ...entry, before: 'null' },
      { ...entry, atEpochMs: 1 },
      { ...entry, previousHash: 'f'.repeat(64) },
    ];
    const hashes = [entry, ...changed].map((one) => auditHash(one, sha256Hex));
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('keeps every entry of many operators at once, in one chain', async () => {
    const logs = Array.from({ length: 6 }, () => logOver());
    await Promise.all(logs.map((log, index) => log.append(noteOf(`e-${index}`), deadline)));
    const all = await entries();
    expect(all.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(new Set(all.map(({ entryId }) => entryId)).size).toBe(6);
    all.slice(1).forEach((entry, index) => {
      expect(entry.previousHash).toBe(auditHash(all[index] as typeof entry, sha256Hex));
    });
  });

  it('appends once when the answer of its first try is lost', async () => {
    let calls = 0;
    const send = async (command: Parameters<DynamoDBClient['send']>[0]) => {
      const answer = await region.dynamodb.send(command);
      calls += 1;
      // The second call is the put.
      if (calls === 2) throw Object.assign(new Error('lost'), { name: 'TimeoutError' });
      return answer;
    };
    const log = logOver({ send } as unknown as DynamoDBClient);
    expect(await log.append(noteOf('a'), deadline)).toBe(1);
    expect(await entries()).toHaveLength(1);
  });

  it('appends nothing after an entry that is none', async () => {
    await region.put({ scope: { S: 'audit' }, sequence: { N: '4' }, actor: { S: 'x' } }, tableName);
    await expect(logOver().append(noteOf('a'), deadline)).rejects.toMatchObject({
      code: 'internal_error',
      message: 'an audit entry has no readable entry_id',
    });
  });
});
