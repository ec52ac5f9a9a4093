import { describe, expect, it } from 'vitest';
import { renderChart } from '#cli/simulate/render-chart.ts';
import { plain } from '#cli/terminal.ts';
import type { TraceEvent } from '#sim/kernel/trace.ts';

const trace: readonly TraceEvent[] = [
  { atMs: 950, from: 'client', to: 'us-east-1', what: 'process', about: 't7', outcome: '' },
  { atMs: 1_000, from: 'us-east-1', to: 'us-east-1', what: 'health', about: '', outcome: '200' },
  { atMs: 5_000, from: 'world', to: 'us-east-1', what: 'fault', about: 'F1', outcome: '' },
  {
    atMs: 5_040,
    from: 'us-east-1',
    to: 'client',
    what: 'process',
    about: 't7',
    outcome: 'answer lost',
  },
  { atMs: 6_000, from: 'world', to: 'world', what: 'violation', about: '1', outcome: 't7 is lost' },
  { atMs: 61_000, from: 'us-east-1', to: 'us-east-1', what: 'health', about: '', outcome: '200' },
];

describe('renderChart', () => {
  it('draws a line for each event, and counts what it leaves out', () => {
    expect(renderChart(trace, [0, 2, 3, 4], plain)).toBe(
      `${[
        '          client     dns        us-east-1  us-east-2  us-west-2  bank       operator',
        '   0.950  ●────────────────────▶│          │          │          │          │          process t7',
        '          ┆          ┆          ┆          ┆          ┆          ┆          ┆          1 more',
        '   5.000  │          │          ▲          │          │          │          │          fault F1',
        '   5.040  │✕────────────────────●          │          │          │          │          process t7: answer lost',
        '   6.000  │          │          │          │          │          │          │          invariant 1: t7 is lost',
        '          ┆          ┆          ┆          ┆          ┆          ┆          ┆          1 more',
      ].join('\n')}\n`,
    );
  });

  it('gives the world a column where it sends messages', () => {
    const check = {
      atMs: 1,
      from: 'world',
      to: 'us-east-1',
      what: 'traffic',
      about: '',
      outcome: '',
    } as const;
    const [head, line] = renderChart([check], [0], plain).split('\n');
    expect(head).toMatch(/operator +world$/);
    expect(line).toContain('◀');
  });
});
