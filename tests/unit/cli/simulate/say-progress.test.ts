import { describe, expect, it } from 'vitest';
import { createProgressLine } from '#cli/simulate/say-progress.ts';

function saidAt(isTerminal: boolean, times: readonly number[]): readonly string[] {
  const said: string[] = [];
  let elapsedMs = 0;
  const line = createProgressLine({
    isTerminal,
    write: (text) => said.push(text),
    elapsedMs: () => elapsedMs,
  });
  for (const time of times) {
    elapsedMs = time;
    line.say(() => `at ${time}`);
  }
  line.end();
  return said;
}

describe('createProgressLine', () => {
  it('writes over itself on a terminal, twice a second at most', () => {
    expect(saidAt(true, [100, 500, 900, 1_100])).toEqual([
      '\r\u001b[Kat 500',
      '\r\u001b[Kat 1100',
      '\r\u001b[K',
    ]);
  });

  it('writes a line every five seconds elsewhere', () => {
    expect(saidAt(false, [1_000, 5_000, 9_000, 10_000])).toEqual(['at 5000\n', 'at 10000\n']);
  });

  it('writes no line that would wrap', () => {
    const said: string[] = [];
    let elapsedMs = 0;
    const line = createProgressLine({
      ...{ isTerminal: true, width: 10, elapsedMs: () => elapsedMs },
      write: (text) => said.push(text),
    });
    elapsedMs = 1_000;
    line.say(() => 'much too long for it');
    expect(said).toEqual(['\r\u001b[Kmuch too…']);
  });

  it('leaves no trace of itself where it said nothing', () => {
    expect(saidAt(true, [100])).toEqual([]);
  });
});
