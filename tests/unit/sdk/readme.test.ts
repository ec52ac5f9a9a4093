/** Holds the SDK's README to what it documents, and runs its example. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RETRY_DEFAULTS } from '#sdk/retry-policy.ts';
import { payForOrder } from '../../../sdk/examples/pay-for-order.ts';
import { ROOT } from '../../support/source-files.ts';
import { paid, problem } from './client-world.ts';

const readme = readFileSync(join(ROOT, 'sdk/README.md'), 'utf8');
const order = { id: '7', customerId: 'c-1', total: '10.50' };

describe('the example', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  /** The first Region is dead; the second answers so. */
  const withAnswer = (answer: typeof paid): string[] => {
    const urls: string[] = [];
    vi.stubGlobal('fetch', async (url: string, init: { body: string }) => {
      urls.push(url);
      if (!url.includes(':8082')) {
        const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
        throw new TypeError('fetch failed', { cause });
      }
      return answer({ body: init.body } as Parameters<typeof paid>[0]);
    });
    return urls;
  };

  it('is the one that is shown', () => {
    const file = readFileSync(join(ROOT, 'sdk/examples/pay-for-order.ts'), 'utf8');
    const code = file.slice(file.indexOf('import '));
    expect(readme).toContain(`\`\`\`ts\n${code}\`\`\`\n`);
  });

  it('pays in the Region that is left', async () => {
    const urls = withAnswer(paid);
    expect(await payForOrder(order)).toBe('paid at 2023-11-14T22:13:20.000Z');
    expect(urls).toEqual(['http://127.0.0.1:8081/process', 'http://127.0.0.1:8082/process']);
  });

  it('asks for another card after a decline', async () => {
    withAnswer(problem(402, 'payment_declined', { decline_reason: 'insufficient_funds' }));
    expect(await payForOrder(order)).toBe('ask for another card: insufficient_funds');
  });
});

describe('the tables', () => {
  it.each(Object.entries(RETRY_DEFAULTS))('give the default of %s', (name, value) => {
    expect(readme).toContain(`| \`${name}\` | ${value.toLocaleString('en-US')} |`);
  });

  it('name every outcome', () => {
    const text = readFileSync(join(ROOT, 'sdk/src/holdfast-error.ts'), 'utf8');
    const union = /export type Outcome =([^;]*);/.exec(text)?.[1] ?? '';
    const outcomes = [...union.matchAll(/'([a-z-]+)'/g)].map((match) => match[1]);
    expect(outcomes).toHaveLength(6);
    for (const outcome of outcomes) expect(readme).toContain(`| \`${outcome}\` |`);
  });
});
