import { describe, expect, it } from 'vitest';
import {
  NO_VERSIONS,
  type SecretVersions,
  stagesByVersion,
  withVersion,
} from '#twin/secrets/secret-versions.ts';

function put(
  before: SecretVersions,
  id: string,
  labels: readonly string[] = ['AWSCURRENT'],
  text = `value of ${id}`,
): SecretVersions | null {
  return withVersion(before, { id, value: { text }, createdEpochMs: 0 }, labels);
}

function putAll(...ids: readonly string[]): SecretVersions {
  return ids.reduce((before, id) => put(before, id) ?? before, NO_VERSIONS);
}

describe('withVersion', () => {
  it.each([
    { ids: ['a'], labels: { a: ['AWSCURRENT'] } },
    { ids: ['a', 'b'], labels: { a: ['AWSPREVIOUS'], b: ['AWSCURRENT'] } },
    { ids: ['a', 'b', 'c'], labels: { b: ['AWSPREVIOUS'], c: ['AWSCURRENT'] } },
  ])('labels $ids by age', ({ ids, labels }) => {
    expect(stagesByVersion(putAll(...ids))).toEqual(labels);
  });

  it('leaves the current version alone when other labels are given', () => {
    const secret = put(putAll('a'), 'b', ['AWSPENDING']);
    expect(secret && stagesByVersion(secret)).toEqual({ a: ['AWSCURRENT'], b: ['AWSPENDING'] });
  });

  it('makes a first version current whatever labels are given', () => {
    const secret = put(NO_VERSIONS, 'a', ['AWSPENDING']);
    expect(secret && stagesByVersion(secret)).toEqual({ a: ['AWSPENDING', 'AWSCURRENT'] });
  });

  it('changes nothing when the same version is put again', () => {
    const before = putAll('a', 'b');
    expect(put(before, 'a')).toBe(before);
  });

  it('rejects another value for a version', () => {
    expect(put(putAll('a'), 'a', ['AWSCURRENT'], 'another')).toBeNull();
  });

  it('keeps a hundred versions, the labelled ones among them', () => {
    const first = put(put(NO_VERSIONS, 'kept', ['mine']) ?? NO_VERSIONS, 'old') ?? NO_VERSIONS;
    const ids = Array.from({ length: 120 }, (_, index) => `v${index}`);
    const secret = ids.reduce((before, id) => put(before, id) ?? before, first);
    expect(secret.versions).toHaveLength(100);
    expect(stagesByVersion(secret)).toEqual({
      kept: ['mine'],
      v118: ['AWSPREVIOUS'],
      v119: ['AWSCURRENT'],
    });
    expect(secret.versions.some(({ id }) => id === 'old')).toBe(false);
  });
});
