import { describe, expect, it } from 'vitest';
import { renderScriptRun, type ShownRun } from '#cli/render-script-run.ts';
import { plain } from '#cli/terminal.ts';

const RUN: ShownRun = {
  ...{ name: 'short-isolation', about: 'The primary is isolated.', acknowledged: 17 },
  outcome: { moved: false, lost: 0, duplicated: 0, conflicting: 0, back: true, open: 0 },
  expect: { moved: false, lost: 0, duplicated: 0, back: true },
  ...{ differences: [], wrong: [] },
};

describe('renderScriptRun', () => {
  it('shows each part beside what was expected of it', () => {
    const text = renderScriptRun(RUN, plain);
    expect(text).toContain('short-isolation: The primary is isolated.');
    expect(text).toMatch(/moved +no +expected: no\n/);
    expect(text).toMatch(/conflicting +0\n/);
    expect(text).toMatch(/\nas expected\n$/);
  });

  it('names what is not as expected', () => {
    const differences = ['moved: true instead of false'];
    const wrong = Array.from({ length: 12 }, (_unused, index) => `lost: t-${index}: nowhere`);
    const text = renderScriptRun({ ...RUN, differences, wrong }, plain);
    expect(text.match(/^wrong lost: t-\d: nowhere$/gm)).toHaveLength(10);
    expect(text).toContain('not as expected moved: true instead of false\nMISSED\n');
  });
});
