/** The metrics reference names every metric as it is. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { METRICS } from '#contract/metrics.ts';
import { ROOT } from '../../support/source-files.ts';

it('is what docs/reference/metrics.md has, in the same order', () => {
  const text = readFileSync(join(ROOT, 'docs/reference/metrics.md'), 'utf8');
  const [section = ''] = text.split('## Log lines');
  const documented = [...section.matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)].map(([, name, unit]) => [
    name,
    unit,
  ]);
  const defined = Object.entries(METRICS).map(([name, metric]) => [
    name,
    'highResolution' in metric ? `${metric.unit}, one second` : metric.unit,
  ]);
  expect(documented).toEqual(defined);
});
