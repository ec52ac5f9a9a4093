import { beforeEach, describe, expect, it } from 'vitest';
import type { Verdict } from '#core/routing/judge-region.ts';
import { createPeerHealth } from '#core/routing/peer-health.ts';
import { longerPeerHealth, type PeerHealth } from '#core/routing/presence.ts';

let now: number;
let health: ReturnType<typeof createPeerHealth>;

beforeEach(() => {
  now = 0;
  health = createPeerHealth({ elapsedMs: () => now });
});

/** One round each, ten seconds apart. */
function rounds(...verdicts: readonly Verdict[]): void {
  for (const verdict of verdicts) {
    health.note(verdict);
    now += 10_000;
  }
}

const [H, U] = ['healthy', 'unsure'] as const;

describe('createPeerHealth', () => {
  it('says nothing before a move is known', () => {
    rounds(H, H, H);
    expect(health.account()).toBeNull();
  });

  it('counts from the move on, not from before', () => {
    rounds(H, H, H);
    expect(health.forMsMax(4)).toBe(0);
    rounds(H, H);
    expect(health.account()).toEqual({ movedEpoch: 4, forMs: 10_000 });
    expect(health.forMsMax(5)).toBe(0);
    rounds(H, H, H);
    expect(health.account()).toEqual({ movedEpoch: 5, forMs: 20_000 });
  });

  it.each<readonly [string, readonly Verdict[], number]>([
    ['counts rounds that are healthy', [H, H, H], 20_000],
    ['counts a round without a verdict between them', [H, U, H], 20_000],
    ['counts each such round, one at a time', [H, U, H, U, H], 40_000],
    ['counts none after the last healthy one', [H, H, U], 10_000],
    ['ends with two rounds without a verdict', [H, H, U, U, H], 10_000],
    ['ends with a round that is impaired', [H, H, 'impaired', H], 10_000],
    ['ends with a round that is lost', [H, H, 'lost', H], 10_000],
    ['ends with one without a verdict and one impaired', [H, U, 'impaired', H, H], 10_000],
    ['keeps the longest', [H, H, H, 'lost', H, H], 20_000],
    ['counts nothing where nothing is healthy', [U, 'lost', 'impaired', U], 0],
  ])('%s', (_name, verdicts, forMs) => {
    health.forMsMax(1);
    rounds(...verdicts);
    expect(health.forMsMax(1)).toBe(forMs);
  });

  it('counts no time that the process was frozen for, and keeps what it had', () => {
    health.forMsMax(1);
    rounds(H, H);
    now += 7_200_000;
    health.forget();
    rounds(H);
    expect(health.forMsMax(1)).toBe(10_000);
  });

  it('takes over what another process saw longer, and goes on saying it', () => {
    health.takeOver({ movedEpoch: 3, forMs: 50_000 });
    expect(health.account()).toEqual({ movedEpoch: 3, forMs: 50_000 });
    expect(health.forMsMax(3)).toBe(50_000);
    rounds(H, H);
    health.takeOver({ movedEpoch: 3, forMs: 5_000 });
    health.takeOver(null);
    expect(health.forMsMax(3)).toBe(50_000);
    rounds(H, H, H, H, H);
    expect(health.forMsMax(3)).toBe(60_000);
  });

  it('drops what was said of an older move, and is not taken back to one', () => {
    health.takeOver({ movedEpoch: 3, forMs: 50_000 });
    expect(health.forMsMax(4)).toBe(0);
    health.takeOver({ movedEpoch: 3, forMs: 90_000 });
    expect(health.forMsMax(4)).toBe(0);
    expect(health.account()).toEqual({ movedEpoch: 4, forMs: 0 });
    expect(health.forMsMax(3)).toBe(0);
  });
});

describe('a new process', () => {
  const knownFor = (forMs: number, movedEpoch = 1): PeerHealth => ({ movedEpoch, forMs });

  it('goes on from what went on, once it has found the other Region healthy too', () => {
    health.takeOver(knownFor(100_000));
    health.goOnFrom(knownFor(60_000));
    rounds(U, U);
    // Until then the next one is told the same.
    expect(health.accountNow()).toEqual(knownFor(60_000));
    rounds(H, H);
    expect(health.accountNow()).toEqual(knownFor(80_000));
    expect(health.forMsMax(1)).toBe(100_000);
    rounds(H, H, H);
    expect(health.forMsMax(1)).toBe(100_000);
    rounds(H);
    expect(health.forMsMax(1)).toBe(110_000);
  });

  it.each<readonly [string, readonly Verdict[]]>([
    ['an impaired Region', [U, U, 'impaired', H]],
    ['a lost one', ['lost', H]],
    ['none after three rounds', [U, U, U, H]],
  ])('goes on from nothing where it finds %s', (_what, verdicts) => {
    health.takeOver(knownFor(0));
    health.goOnFrom(knownFor(60_000));
    rounds(...verdicts);
    expect(health.accountNow()).toEqual(knownFor(10_000));
  });

  it('goes on from nothing that went on before another move', () => {
    health.takeOver(knownFor(0, 2));
    health.goOnFrom(knownFor(60_000, 1));
    rounds(U, U, H, H);
    expect(health.accountNow()).toEqual(knownFor(20_000, 2));
  });

  it('goes on from what it has seen itself, and from nothing that it hears later', () => {
    health.takeOver(knownFor(0));
    health.goOnFrom(null);
    rounds(H, 'impaired');
    health.goOnFrom(knownFor(60_000));
    expect(health.accountNow()).toBeNull();
    rounds(H);
    expect(health.accountNow()).toEqual(knownFor(10_000));
  });

  it('that was frozen is a new one', () => {
    health.takeOver(knownFor(0));
    rounds(H, H);
    health.forget();
    expect(health.accountNow()).toBeNull();
    health.goOnFrom(knownFor(60_000));
    rounds(U, H);
    expect(health.accountNow()).toEqual(knownFor(70_000));
  });
});

describe('longerPeerHealth', () => {
  const of = (movedEpoch: number, forMs: number): PeerHealth => ({ movedEpoch, forMs });
  it.each([
    [null, null, null],
    [of(1, 5), null, of(1, 5)],
    [of(1, 5), of(1, 7), of(1, 7)],
    [of(1, 5), of(2, 0), of(2, 0)],
  ])('of %j and %j is %j', (one, other, longer) => {
    expect(longerPeerHealth(one, other)).toEqual(longer);
    expect(longerPeerHealth(other, one)).toEqual(longer);
  });
});
