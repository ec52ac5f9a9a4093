import { describe, expect, it } from 'vitest';
import { judgeRegion, type ProbeSample, type Verdict } from '#core/routing/judge-region.ts';

const fine: ProbeSample = { kind: 'served', latencyMs: 40 };
const slow: ProbeSample = { kind: 'served', latencyMs: 1_001 };
const refused: ProbeSample = { kind: 'refused', latencyMs: 40 };
const gone: ProbeSample = { kind: 'unreachable' };

/** Probes, alarm, silence of the heartbeat with one every 10 s. */
const ROWS: readonly [
  readonly ProbeSample[],
  'impaired' | 'clear' | 'unknown',
  number | null,
  Verdict,
][] = [
  [[fine, fine, fine], 'clear', 0, 'healthy'],
  [[fine, fine, fine], 'unknown', null, 'healthy'],
  [[fine, fine, fine], 'impaired', 0, 'impaired'],
  [[], 'impaired', null, 'impaired'],
  [[fine, fine], 'clear', 0, 'unsure'],
  [[gone, gone], 'unknown', 60_000, 'unsure'],
  [[gone, gone, gone], 'unknown', 30_000, 'lost'],
  [[gone, gone, gone], 'unknown', 29_999, 'unsure'],
  [[gone, gone, gone], 'unknown', null, 'unsure'],
  [[gone, fine, gone], 'unknown', 60_000, 'unsure'],
  [[refused, refused, refused], 'clear', 0, 'impaired'],
  [[slow, slow, slow], 'clear', 0, 'impaired'],
  [[slow, fine, slow], 'clear', 0, 'unsure'],
  [[refused, gone, slow], 'clear', 0, 'impaired'],
  [[gone, fine, fine, fine], 'clear', 0, 'healthy'],
];

describe('judgeRegion', () => {
  it.each(ROWS)(
    'probes %j, alarm %s, silent for %s ms: %s',
    (probes, alarm, silentForMs, verdict) => {
      const seen = probes.map((probe) => ({ ...probe, silentForMs }));
      expect(judgeRegion({ region: 'us-east-1', probes: seen, alarm }, 10_000)).toBe(verdict);
    },
  );

  /** One probe each 10 s: `+` fine, `-` unreachable and silent, `~` unreachable while it beats. */
  it.each([
    ['+++--+++', 'healthy'],
    ['--+--+', 'unsure'],
    ['--+--+--', 'impaired'],
    ['--+--+--+++', 'unsure'],
    ['--+--+--+++++', 'unsure'],
    ['--+--+--+++++++', 'healthy'],
    ['~~+~~+~~+~', 'unsure'],
  ])('judges %s %s', (signs, verdict) => {
    const probes = [...signs].map((sign) =>
      sign === '+'
        ? { ...fine, silentForMs: 0 }
        : { ...gone, silentForMs: sign === '-' ? 10_000 : 0 },
    );
    const evidence = { region: 'us-east-1', probes, alarm: 'clear' } as const;
    expect(judgeRegion(evidence, 10_000)).toBe(verdict);
  });
});
