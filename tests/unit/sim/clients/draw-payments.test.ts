import { describe, expect, it } from 'vitest';
import { identifierFault } from '#core/identifier.ts';
import { drawPayments, nasty } from '#sim/clients/draw-payments.ts';
import { createRandom } from '#sim/kernel/random.ts';
import type { WorkloadShape } from '#sim/plan.ts';
import { SHAPE } from './fake-system.ts';

const draw = (shape: Partial<WorkloadShape>, seed = 1) =>
  drawPayments({ ...SHAPE, ...shape }, createRandom(seed, 'workload'));
const MANY = { payments: 500 };

describe('drawPayments', () => {
  it('draws the same from the same seed, and something else from another', () => {
    const all = {
      acceptShare: 0.5,
      repeatShare: 1,
      conflictShare: 1,
      refundShare: 1,
      readShare: 1,
    };
    expect(draw(all)).toEqual(draw(all));
    expect(draw(all, 2)).not.toEqual(draw(all));
  });

  it('gives every payment an id of its own that the API takes', () => {
    const payments = draw(MANY);
    const ids = payments.map(({ call }) => call.request.transactionId);
    expect(new Set(ids).size).toBe(500);
    expect(ids.map(identifierFault).filter((fault) => fault !== null)).toEqual([]);
    expect(payments.map(({ call }) => identifierFault(call.meaning?.customerId))).toEqual(
      ids.map(() => null),
    );
  });

  it('has some ids that are legal and nasty', () => {
    const random = createRandom(3, 'test');
    const ids = new Set(Array.from({ length: 200 }, () => nasty('t1', random)));
    expect(ids.size).toBe(8);
    expect([...ids].map(identifierFault)).toEqual([...ids].map(() => null));
    expect([...ids].some((id) => id.length === 300)).toBe(true);
    const plain = draw(MANY).filter(({ call }) => /^t\d+$/.test(call.request.transactionId));
    expect(plain.length).toBeGreaterThan(400);
    expect(plain.length).toBeLessThan(500);
  });

  it('asks for nothing but payments where every share is none', () => {
    for (const payment of draw(MANY)) {
      expect(payment).toMatchObject({ client: 'sdk', others: [], afterAnswer: null });
      expect(payment).toMatchObject({ reads: [], refunds: [], call: { kind: 'process' } });
      expect(payment.atMs).toBeLessThanOrEqual(SHAPE.spreadMs);
    }
  });

  it('sends bursts at one moment', () => {
    const moments = new Map<number, number>();
    for (const { atMs } of draw({ ...MANY, burst: 6 })) {
      moments.set(atMs, (moments.get(atMs) ?? 0) + 1);
    }
    expect(Math.max(...moments.values())).toBe(6);
    expect(new Set(moments.values())).toContain(1);
  });

  it('repeats what was meant: at the same moment in both Regions, later, after the answer', () => {
    const payments = draw({ ...MANY, repeatShare: 1 });
    let together = 0;
    let answered = 0;
    let later = 0;
    for (const { call, others, afterAnswer } of payments) {
      const repeats = [...others, ...(afterAnswer === null ? [] : [afterAnswer])];
      expect(repeats.length).toBeGreaterThan(0);
      for (const repeat of repeats) expect(repeat.call.meaning).toEqual(call.meaning);
      const now = others.filter(({ afterMs }) => afterMs === 0).map(({ region }) => region);
      if (new Set(now).size === 2) together += 1;
      else if (afterAnswer !== null) answered += 1;
      else later += 1;
    }
    expect(Math.min(together, answered, later)).toBeGreaterThan(50);
  });

  it('contradicts under the same id: before, at the same moment, after', () => {
    const payments = draw({ ...MANY, conflictShare: 1 });
    const signs = new Set<number>();
    const differing = new Set<string>();
    for (const { call, others } of payments) {
      const [conflict] = others;
      const { meaning } = conflict?.call ?? { meaning: null };
      expect(meaning?.transactionId).toBe(call.meaning?.transactionId);
      expect(meaning).not.toEqual(call.meaning);
      expect(meaning?.amountMinor).toBeGreaterThan(0n);
      signs.add(Math.sign(conflict?.afterMs ?? 0) + 0);
      for (const member of ['customerId', 'amountMinor', 'currency'] as const) {
        if (meaning?.[member] !== call.meaning?.[member]) differing.add(member);
      }
    }
    expect([...signs].toSorted((one, other) => one - other)).toEqual([-1, 0, 1]);
    expect(differing.size).toBe(3);
  });

  it('shares payments out among the kinds of clients', () => {
    const kinds = draw({ ...MANY, slowShare: 0.2, dnsShare: 0.4 }).map(({ client }) => client);
    const count = (kind: string): number => kinds.filter((it) => it === kind).length;
    expect(count('slow')).toBeGreaterThan(60);
    expect(count('dns')).toBeGreaterThan(150);
    expect(count('sdk')).toBeGreaterThan(150);
  });
});

describe('refunds', () => {
  const drawn = draw({ ...MANY, refundShare: 1 });
  const pairs = drawn.flatMap(({ refunds }) =>
    refunds.flatMap((one, index) => refunds.slice(index + 1).map((other) => ({ one, other }))),
  );
  const idOf = ({ call }: (typeof pairs)[number]['one']) => call.refund?.refundId;
  const amountOf = ({ call }: (typeof pairs)[number]['one']) => call.refund?.amountMinor;

  it('are of parts and of the rest, above zero', () => {
    const amounts = drawn.flatMap(({ refunds }) => refunds.map((refund) => amountOf(refund)));
    expect(amounts).toContain(null);
    expect(amounts.filter((amount) => typeof amount === 'bigint' && amount <= 0n)).toEqual([]);
    expect(new Set(drawn.map(({ refunds }) => refunds.length)).size).toBeGreaterThan(2);
  });

  it('come again with the same amount, with another one, and two at once in two Regions', () => {
    const same = pairs.filter(({ one, other }) => idOf(one) === idOf(other));
    const isAtOnce = ({ one, other }: (typeof pairs)[number]): boolean =>
      one.afterMs === other.afterMs && one.region !== other.region;
    const repeated = same.filter(({ one, other }) => amountOf(one) === amountOf(other));
    expect(repeated.filter(isAtOnce).length).toBeGreaterThan(20);
    expect(repeated.filter((pair) => !isAtOnce(pair)).length).toBeGreaterThan(20);
    expect(same.length - repeated.length).toBeGreaterThan(20);
    const rivals = pairs.filter((pair) => isAtOnce(pair) && idOf(pair.one) !== idOf(pair.other));
    expect(rivals.length).toBeGreaterThan(20);
  });
});
