import { expect, test } from 'vitest';
import { endToEndHeaders } from '#twin/routing/end-to-end-headers.ts';

test('keeps order, spelling and repeats of what goes end to end', () => {
  const raw = ['Host', 'api', 'X-A', '1', 'x-a', '2', 'Content-Type', 'application/json'];
  expect(endToEndHeaders(raw)).toEqual(raw);
});

test('drops what belongs to one hop, and what Connection names', () => {
  const raw = [
    ['Connection', 'keep-alive, X-Private'],
    ['Keep-Alive', 'timeout=5'],
    ['X-PRIVATE', 'secret'],
    ['TE', 'trailers'],
    ['Transfer-Encoding', 'chunked'],
    ['Upgrade', 'h2c'],
    ['Proxy-Authorization', 'Basic eA=='],
    ['X-Kept', 'yes'],
  ].flat();
  expect(endToEndHeaders(raw)).toEqual(['X-Kept', 'yes']);
});

test('drops further names when asked', () => {
  expect(endToEndHeaders(['Expect', '100-continue', 'A', 'b'], ['expect'])).toEqual(['A', 'b']);
});
