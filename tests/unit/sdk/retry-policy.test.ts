import { describe, expect, it } from 'vitest';
import { CLOSED } from '#sdk/breaker.ts';
import {
  type Breaker,
  type Decision,
  decideNext,
  type Observation,
  RETRY_DEFAULTS,
  type RetryPolicy,
  type RetryState,
  startCall,
} from '#sdk/retry-policy.ts';

const A = 'us-east-1';
const B = 'us-east-2';
const policy: RetryPolicy = { regions: [A, B], ...RETRY_DEFAULTS };
/** Draws the middle of every wait. */
const half = (): number => 0.5;

const answered = (
  region: string,
  status: number,
  code: string | null = null,
  retryAfterMs: number | null = null,
): Observation => ({ kind: 'answered', region, status, code, retryAfterMs });
const refused = (region: string): Observation => ({
  kind: 'no-answer',
  region,
  because: 'refused',
});
const timeout = (region: string): Observation => ({
  kind: 'no-answer',
  region,
  because: 'timeout',
});

interface Step {
  readonly atMs: number;
  readonly see: Observation;
}

/** Runs a call through what it sees; the decisions without their states, and the last state. */
function follow(
  steps: readonly Step[],
  options: { policy?: RetryPolicy; breakers?: Map<string, Breaker>; totalDeadlineMs?: number } = {},
): { decisions: object[]; state: RetryState } {
  const used = options.policy ?? policy;
  let state: RetryState = {
    policy: used,
    call: startCall(used, 0, options.totalDeadlineMs),
    breakers: options.breakers ?? new Map(),
  };
  const decisions: object[] = [];
  for (const { atMs, see } of [{ atMs: 0, see: { kind: 'start' } as const }, ...steps]) {
    const decision: Decision = decideNext(state, see, atMs, half);
    const { state: next, ...rest } = decision;
    state = next;
    decisions.push(rest);
  }
  return { decisions, state };
}

const attempt = (region: string, afterMs = 0, timeoutMs = 2_000) => ({
  kind: 'try',
  region,
  afterMs,
  timeoutMs,
});

describe('the way of a call', () => {
  const rows: readonly [string, readonly Step[], readonly object[]][] = [
    ['begins with the first Region', [], [attempt(A)]],
    ['ends with a result', [{ atMs: 20, see: answered(A, 200) }], [attempt(A), { kind: 'answer' }]],
    [
      'ends with a decline',
      [{ atMs: 20, see: answered(A, 402, 'payment_declined') }],
      [attempt(A), { kind: 'answer' }],
    ],
    [
      'goes to the other Region at once after a fault, then back and forth with waits',
      [
        { atMs: 1, see: refused(A) },
        { atMs: 2, see: refused(B) },
        { atMs: 60, see: refused(A) },
        { atMs: 170, see: refused(B) },
      ],
      [attempt(A), attempt(B), attempt(A, 50), attempt(B, 100), attempt(A, 200)],
    ],
    [
      'goes to the other Region at once after a timeout',
      [{ atMs: 2_000, see: timeout(A) }],
      [attempt(A), attempt(B)],
    ],
    [
      'leaves alone a Region that asked for a second, but not the other one',
      [
        { atMs: 10, see: answered(A, 503, 'unavailable', 1_000) },
        { atMs: 20, see: answered(B, 500, 'internal_error') },
      ],
      [attempt(A), attempt(B), attempt(A, 990 + 50)],
    ],
    [
      'slows down everywhere when it is told to slow down',
      [{ atMs: 10, see: answered(A, 429, 'too_many_requests', 1_000) }],
      [attempt(A), attempt(B, 1_000 + 50)],
    ],
    [
      'cuts a long Retry-After',
      [{ atMs: 0, see: answered(A, 429, 'too_many_requests', 3_600_000) }],
      [attempt(A), attempt(B, 5_000 + 50)],
    ],
    [
      'goes on at once from a Region that may not write',
      [{ atMs: 10, see: answered(A, 503, 'region_not_active', 1_000) }],
      [attempt(A), attempt(B)],
    ],
  ];

  it.each(rows)('%s', (_name, steps, expected) => {
    expect(follow(steps).decisions).toEqual(expected);
  });
});

describe('the deadline', () => {
  it('cuts the last try short', () => {
    const { decisions } = follow([
      { atMs: 1, see: refused(A) },
      { atMs: 9_000, see: refused(B) },
    ]);
    expect(decisions.at(-1)).toEqual(attempt(A, 50, 950));
  });

  it('allows no repeat that could hardly be answered', () => {
    const { decisions } = follow([
      { atMs: 1, see: refused(A) },
      { atMs: 9_851, see: refused(B) },
    ]);
    expect(decisions.at(-1)).toEqual({ kind: 'give-up', because: 'deadline' });
  });

  it('is shared between the Regions when it is short', () => {
    const steps = [{ atMs: 300, see: timeout(A) }];
    const { decisions } = follow(steps, { totalDeadlineMs: 600 });
    expect(decisions).toEqual([attempt(A, 0, 300), attempt(B, 0, 300)]);
  });

  it('ends the call when a wait would outlast it', () => {
    const steps = [{ atMs: 0, see: answered(A, 429, 'too_many_requests', 5_000) }];
    const { decisions } = follow(steps, { totalDeadlineMs: 4_000 });
    expect(decisions.at(-1)).toEqual({ kind: 'give-up', because: 'deadline' });
  });
});

describe('giving up', () => {
  it('follows the last try that is allowed', () => {
    const steps = [
      { atMs: 1, see: refused(A) },
      { atMs: 2, see: refused(B) },
    ];
    const { decisions, state } = follow(steps, { policy: { ...policy, maxTries: 2 } });
    expect(decisions.at(-1)).toEqual({ kind: 'give-up', because: 'tries' });
    expect(state.call.mayHaveTakenEffect).toBe(false);
  });

  it('remembers a try that may have taken effect, whatever came after it', () => {
    const steps = [
      { atMs: 2_000, see: timeout(A) },
      { atMs: 2_001, see: refused(B) },
    ];
    const { state } = follow(steps, { policy: { ...policy, maxTries: 2 } });
    expect(state.call.mayHaveTakenEffect).toBe(true);
  });
});

describe('the breakers', () => {
  const open = (openedAtMs: number): Breaker => ({ kind: 'open', openedAtMs });

  it('keep calls away from a Region that hung, until its cooldown is over', () => {
    const { state } = follow([{ atMs: 2_000, see: timeout(A) }]);
    const at = (nowMs: number) => {
      const call = startCall(policy, nowMs);
      return decideNext({ ...state, call }, { kind: 'start' }, nowMs, half);
    };
    expect(at(2_001)).toMatchObject({ region: B });
    expect(at(11_999)).toMatchObject({ region: B });
    expect(at(12_000)).toMatchObject({ region: A });
  });

  it('let one call try a Region after the cooldown, and the others not', () => {
    const breakers = new Map([[A, open(0)]]);
    const first = decideNext(
      { policy, call: startCall(policy, 10_000), breakers },
      { kind: 'start' },
      10_000,
      half,
    );
    expect(first).toMatchObject({ region: A });
    const second = { policy, call: startCall(policy, 10_001), breakers: first.state.breakers };
    expect(decideNext(second, { kind: 'start' }, 10_001, half)).toMatchObject({ region: B });
    const served = decideNext(first.state, answered(A, 200), 10_020, half);
    const third = { policy, call: startCall(policy, 10_021), breakers: served.state.breakers };
    expect(decideNext(third, { kind: 'start' }, 10_021, half)).toMatchObject({ region: A });
  });

  it('leave the Region that opened longest ago when all are open', () => {
    const breakers = new Map([
      [A, open(5_000)],
      [B, open(4_000)],
    ]);
    const begun = { policy, call: startCall(policy, 6_000), breakers };
    const decision = decideNext(begun, { kind: 'start' }, 6_000, half);
    expect(decision).toMatchObject({ region: B });
    // Not a trial: other calls must not be kept away by it.
    expect(decision.state.breakers).toEqual(breakers);
    const next = decideNext(decision.state, refused(B), 6_001, half);
    expect(next).toMatchObject({ region: A, afterMs: 0 });
  });

  it('do not hide the only Region that may write', () => {
    const breakers = new Map([[A, open(0)]]);
    const steps = [{ atMs: 5, see: answered(B, 503, 'region_not_active', 1_000) }];
    const { decisions, state } = follow(steps, { breakers });
    expect(decisions).toEqual([attempt(B), attempt(A)]);
    expect(state.breakers.get(B) ?? CLOSED).toEqual({ kind: 'closed', faults: 0 });
  });

  it('open after faults in succession only', () => {
    let breakers: RetryState['breakers'] = new Map();
    const call = (see: Observation, nowMs: number) => {
      const begun = { policy, call: startCall(policy, nowMs), breakers };
      const first = decideNext(begun, { kind: 'start' }, nowMs, half);
      breakers = decideNext(first.state, see, nowMs + 1, half).state.breakers;
    };
    call(refused(A), 0);
    call(refused(A), 10);
    call(answered(A, 200), 20);
    call(answered(A, 500), 30);
    call(answered(A, 500), 40);
    expect(breakers.get(A)).toEqual({ kind: 'closed', faults: 2 });
    call(answered(A, 500), 50);
    expect(breakers.get(A)).toEqual(open(51));
  });

  it('take no timeout for a fault that a short deadline made', () => {
    const steps = [{ atMs: 300, see: timeout(A) }];
    const { state } = follow(steps, { totalDeadlineMs: 600 });
    expect(state.breakers.get(A) ?? CLOSED).toEqual({ kind: 'closed', faults: 0 });
  });

  it('take a timeout that a short deadline of all calls makes', () => {
    const short = { ...policy, totalDeadlineMs: 3_000 };
    const { decisions, state } = follow([{ atMs: 1_500, see: timeout(A) }], { policy: short });
    expect(decisions[0]).toEqual(attempt(A, 0, 1_500));
    expect(state.breakers.get(A)).toEqual(open(1_500));
  });
});

it('takes a hung try for one though the call had begun a moment before it', () => {
  const short = { ...policy, totalDeadlineMs: 3_000 };
  const state = { policy: short, call: startCall(short, 0), breakers: new Map() };
  // A stopwatch that counts fractions is never twice at the same place.
  const first = decideNext(state, { kind: 'start' }, 0.02, half);
  expect(first).toMatchObject(attempt(A, 0, 1_499));
  const { state: after } = decideNext(first.state, timeout(A), 1_499.1, half);
  expect(after.breakers.get(A)).toMatchObject({ kind: 'open' });
});

it('waits for the only Region there is', () => {
  const alone = { ...policy, regions: [A] };
  const { decisions } = follow(
    [
      { atMs: 2_000, see: timeout(A) },
      { atMs: 4_050, see: timeout(A) },
    ],
    { policy: alone },
  );
  expect(decisions).toEqual([attempt(A), attempt(A, 50), attempt(A, 100)]);
});
