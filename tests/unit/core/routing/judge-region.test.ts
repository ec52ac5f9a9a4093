import { describe, expect, it } from 'vitest';
import { judgeRegion, type SeenProbe, type Verdict } from '#core/routing/judge-region.ts';

/** How long a heartbeat must be silent here to count as silent. */
const SILENCE_MS = 60_000;

/** What one letter of a row stands for. Small: nothing was heard from the Region; capital: it says "serving". */
const PROBES: Readonly<Record<string, SeenProbe>> = {
  '+': { kind: 'served', latencyMs: 1_000, silentForMs: 0, says: 'serving' },
  s: { kind: 'served', latencyMs: 1_001, silentForMs: 0, says: null },
  S: { kind: 'served', latencyMs: 1_001, silentForMs: 0, says: 'serving' },
  r: { kind: 'refused', latencyMs: 40, silentForMs: 0, says: null },
  /** Refused by what is left of it, and silent for as long as it takes. */
  d: { kind: 'refused', latencyMs: 40, silentForMs: SILENCE_MS, says: null },
  D: { kind: 'served', latencyMs: 1_001, silentForMs: SILENCE_MS, says: null },
  R: { kind: 'refused', latencyMs: 40, silentForMs: 0, says: 'serving' },
  /** Gone, and silent for as long as it takes. */
  '-': { kind: 'unreachable', silentForMs: SILENCE_MS, says: null },
  /** Gone, and silent for a millisecond less. */
  ',': { kind: 'unreachable', silentForMs: SILENCE_MS - 1, says: null },
  /** Gone, and the control table can't be read either. */
  '?': { kind: 'unreachable', silentForMs: null, says: null },
  /** Gone for us; it beats, and serves. */
  '~': { kind: 'unreachable', silentForMs: 0, says: 'serving' },
  /** Gone for us, slow; it beats, and does not know yet whether it serves. */
  u: { kind: 'unreachable', silentForMs: 0, says: 'not-known' },
  U: { kind: 'served', latencyMs: 1_001, silentForMs: 0, says: 'not-known' },
  /** Gone for us; it beats, and says that it can't serve. */
  '!': { kind: 'unreachable', silentForMs: 0, says: 'not-serving' },
};

function verdictOf(letters: string, alarm: 'impaired' | 'clear' | 'unknown'): Verdict {
  const probes = letters.split('').map((letter) => {
    const probe = PROBES[letter];
    if (probe === undefined) throw new Error(`there is no probe ${letter}`);
    return probe;
  });
  return judgeRegion({ region: 'us-east-1', probes, alarm }, SILENCE_MS);
}

describe('judgeRegion', () => {
  it.each([
    ['+++', 'clear', 'healthy'],
    ['+++', 'unknown', 'healthy'],
    ['+++', 'impaired', 'impaired'],
    ['', 'impaired', 'impaired'],
    // An alarm may ring on without the Region that it is of.
    ['---', 'impaired', 'lost'],
    ['--', 'impaired', 'impaired'],
    [',,,', 'impaired', 'impaired'],
    // Its functions are gone, and API Gateway in front of them is not.
    ['ddd', 'clear', 'lost'],
    ['ddd', 'impaired', 'lost'],
    ['d-d', 'unknown', 'lost'],
    ['rrd', 'clear', 'lost'],
    ['ddr', 'clear', 'impaired'],
    ['dDd', 'clear', 'impaired'],
    ['++', 'clear', 'unsure'],
    ['--', 'unknown', 'unsure'],
    ['---', 'unknown', 'lost'],
    // Three at once count: how long it has been silent is counted at the last of them.
    [',,-', 'unknown', 'lost'],
    [',,,', 'unknown', 'unsure'],
    ['--,', 'unknown', 'unsure'],
    ['--?', 'unknown', 'unsure'],
    ['???', 'unknown', 'unsure'],
    ['-+-', 'unknown', 'unsure'],
    ['rrr', 'clear', 'impaired'],
    ['sss', 'clear', 'impaired'],
    ['s+s', 'clear', 'unsure'],
    ['r-s', 'clear', 'impaired'],
    ['-+++', 'clear', 'healthy'],
    // Five bad ones among twelve are service with gaps; not where it was we who were cut off (seed 6748).
    ['-----++-', 'clear', 'impaired'],
    ['?????++-', 'clear', 'unsure'],
    ['?????++?', 'clear', 'unsure'],
    ['rrrrr++r', 'clear', 'impaired'],
  ] as const)('probes %s, alarm %s: %s', (letters, alarm, verdict) => {
    expect(verdictOf(letters, alarm)).toBe(verdict);
  });

  it.each([
    ['slow each time, while it says that it serves', 'SSSSSSSSSSSS', 'unsure'],
    ['slow every second time', 'S+S+S+S+S+S+', 'unsure'],
    ['slow each time, and silent', 'ssssss', 'impaired'],
    ['out of our reach, while it says that it serves', '~~~~~~~~~~~~', 'unsure'],
    ['out of our reach, and it says that it can not serve', '!!!', 'impaired'],
    ['out of our reach, and it has said once that it serves', '!~!', 'unsure'],
    ['out of our reach, and its heartbeat was late once', '!,!', 'impaired'],
    ['out of our reach, and its heartbeat is late since it said so', '!,,', 'impaired'],
    ['out of our reach, and it has said nothing', ',,,', 'unsure'],
    ['out of our reach, and it does not know yet', 'uuuuuu', 'unsure'],
    ['back after that', 'uuuuu+', 'unsure'],
    ['slow, and it does not know yet', 'UUU', 'unsure'],
    ['out of our reach, and it has found out that it can not serve', 'uu!', 'unsure'],
    ['out of our reach, and has said so three times', 'uu!!!', 'impaired'],
    ['out of our reach while we did not reach the quorum', '!?!', 'unsure'],
    ['refusing, whatever it says', 'RRR', 'impaired'],
  ] as const)('takes a Region that is %s for %s', (_name, letters, verdict) => {
    expect(verdictOf(letters, 'clear')).toBe(verdict);
  });

  /** One that comes and goes: more than 4 bad ones of the last 12. */
  it.each([
    ['+++--+++', 'healthy'],
    ['--+--+', 'unsure'],
    ['--+--+--', 'impaired'],
    ['--+--+--+++', 'unsure'],
    ['--+--+--+++++', 'unsure'],
    ['--+--+--+++++++', 'healthy'],
    ['r+r+r+r+', 'unsure'],
    ['r+r+r+r+r', 'impaired'],
    ['~~+~~+~~+~', 'unsure'],
    ['S+S+S+S+S+S+S', 'unsure'],
  ] as const)('judges %s %s', (letters, verdict) => {
    expect(verdictOf(letters, 'clear')).toBe(verdict);
  });
});
