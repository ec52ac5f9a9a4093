import { describe, expect, it } from 'vitest';

import { compileMediaTypes } from '#twin/region/api/media-type.ts';

describe('compileMediaTypes', () => {
  it.each([
    [[], 'image/png', false],
    [['image/png'], 'image/png', true],
    [['image/png'], 'Image/PNG; q=1', true],
    [['image/png'], 'image/png, text/html', true],
    [['image/png'], 'text/html, image/png', false],
    [['image/*'], 'image/gif', true],
    [['image/*'], undefined, false],
    [['*/*'], undefined, true],
  ])('%j covers %s: %s', (patterns, mediaType, covered) => {
    expect(compileMediaTypes(patterns)(mediaType)).toBe(covered);
  });
});
