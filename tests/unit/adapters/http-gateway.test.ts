import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SecretSource } from '#adapters/gateway-secret.ts';
import type { GatewayWire } from '#adapters/http-gateway-wire.ts';
import { type ReferenceGateway, startReferenceGateway } from '#gateway/reference-gateway.ts';
import { charge, deadline, gatewayWorld, refund, SECRET } from './gateway-world.ts';

let server: ReferenceGateway;
/** Replaced by single tests; waited for while a charge or a refund is under way. */
let beforeEffect: () => Promise<void>;

beforeEach(async () => {
  beforeEffect = async () => {};
  server = await startReferenceGateway({
    port: 0,
    secret: SECRET,
    clock: { nowEpochMs: () => 0 },
    random: () => 0,
    beforeEffect: () => beforeEffect(),
  });
});
afterEach(() => server.close());

describe('a gateway that keeps the contract', () => {
  it('charges once for a key and repeats the result', async () => {
    const { gateway } = gatewayWorld(server.url);
    const first = await gateway.charge(charge('k-1'), deadline);
    expect(first).toEqual({ kind: 'charged', chargeId: expect.stringMatching(/^ch_/) });
    expect(await gateway.charge(charge('k-1'), deadline)).toEqual(first);
    const asked = { customerId: 'c-1', amountMinor: 1_050n, currency: 'USD' };
    expect(await gateway.findCharge('k-1', deadline)).toEqual({ ...first, ...asked });
    expect(server.ledger.view().charges).toEqual([
      expect.objectContaining({ key: 'k-1', amount_minor: '1050', currency: 'USD' }),
    ]);
  });

  it('tells a declined charge with its reason', async () => {
    const { gateway } = gatewayWorld(server.url);
    const declined = { kind: 'declined', reason: 'insufficient_funds' };
    expect(await gateway.charge(charge('k-1', 'decline-me'), deadline)).toEqual(declined);
    expect(await gateway.findCharge('k-1', deadline)).toEqual(declined);
  });

  it('gives back up to the charge', async () => {
    const { gateway } = gatewayWorld(server.url);
    await gateway.charge(charge('k-1'), deadline);
    expect(await gateway.refund(refund('r-1', 'k-1', 1_000n), deadline)).toEqual({
      kind: 'refunded',
    });
    expect(await gateway.findRefund('r-1', deadline)).toEqual({
      kind: 'refunded',
      amountMinor: 1_000n,
      chargeKey: 'k-1',
    });
    const over = { kind: 'declined', reason: 'exceeds_charge' };
    expect(await gateway.refund(refund('r-2', 'k-1', 51n), deadline)).toEqual(over);
    expect(await gateway.findRefund('r-2', deadline)).toEqual(over);
  });

  it('finds nothing of keys that never came', async () => {
    const { gateway } = gatewayWorld(server.url);
    expect(await gateway.findCharge('k-1', deadline)).toEqual({ kind: 'none' });
    expect(await gateway.findRefund('k-1', deadline)).toEqual({ kind: 'none' });
  });

  it.each(['Zoë & Søn/1?=+%41', '支払い-1', 'a b', '🦊'])('carries the key %s', async (key) => {
    const { gateway } = gatewayWorld(server.url);
    const charged = await gateway.charge(charge(key), deadline);
    expect(await gateway.findCharge(key, deadline)).toMatchObject(charged);
    expect(server.ledger.view().charges[0]).toMatchObject({ key });
  });

  it('works below a path, with or without a slash at its end', async () => {
    const urls: string[] = [];
    const wire: GatewayWire = async ({ url }) => {
      urls.push(url);
      return { status: 404, contentType: null, body: '{}' };
    };
    for (const baseUrl of ['https://pay.example.com/v1', 'https://pay.example.com/v1/']) {
      const { gateway } = gatewayWorld(baseUrl, { wire });
      await gateway.findRefund('k', deadline);
    }
    expect(new Set(urls)).toEqual(new Set(['https://pay.example.com/v1/refunds?key=k']));
  });

  it('rejects a base URL in the clear', () => {
    expect(() => gatewayWorld('http://pay.example.com')).toThrow(/use https/);
  });
});

describe('faults', () => {
  it('repeats a 503 until it is served', async () => {
    const world = gatewayWorld(server.url);
    server.setBehaviour({ unavailableRate: 1 });
    world.onSleep = () => {
      if (world.sleeps.length === 3) server.setBehaviour({});
    };
    expect(await world.gateway.charge(charge('k-1'), deadline)).toMatchObject({ kind: 'charged' });
    expect(world.sleeps).toEqual([37.5, 75, 150]);
    expect(server.ledger.view().charges).toMatchObject([{ count_of_requests: 1 }]);
  });

  it('gives up a 503 at the deadline, and nothing was charged', async () => {
    const world = gatewayWorld(server.url);
    server.setBehaviour({ unavailableRate: 1 });
    await expect(world.gateway.charge(charge('k-1'), deadline)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'gateway charge: HTTP 503',
    });
    expect(world.nowEpochMs()).toBeLessThan(deadline.atEpochMs);
    expect(server.ledger.view().charges).toEqual([]);
  });

  it.each([
    ['charged, then cut off', { failAfterChargeRate: 1 }, 1],
    ['a 500', { errorRate: 1 }, 0],
  ])('takes %s for unknown and does not repeat it', async (_name, behaviour, charges) => {
    const { gateway, sleeps } = gatewayWorld(server.url);
    server.setBehaviour(behaviour);
    await expect(gateway.charge(charge('k-1'), deadline)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
    expect(sleeps).toEqual([]);
    expect(server.ledger.view().charges).toHaveLength(charges);
    const found = await gateway.findCharge('k-1', deadline);
    expect(found.kind).toBe(charges === 1 ? 'charged' : 'none');
  });

  it.each([
    ['that never comes', { hangRate: 1 }, 'none'],
    ['that comes late', { lateRate: 1, lateMs: 60_000 }, 'charged'],
  ])('takes an answer %s for unknown', async (_name, behaviour, found) => {
    const { gateway } = gatewayWorld(server.url, { attemptTimeoutMs: 50 });
    server.setBehaviour(behaviour);
    await expect(gateway.charge(charge('k-1'), deadline)).rejects.toMatchObject({
      code: 'outcome_unknown',
      message: 'gateway charge: TimeoutError',
    });
    server.setBehaviour({});
    const { gateway: patient } = gatewayWorld(server.url);
    expect(await patient.findCharge('k-1', deadline)).toMatchObject({ kind: found });
  });

  it('aborts at the deadline what is allowed longer by itself', async () => {
    const { gateway } = gatewayWorld(server.url, { attemptTimeoutMs: 3_600_000 });
    server.setBehaviour({ hangRate: 1 });
    await expect(gateway.charge(charge('k-1'), { atEpochMs: 50 })).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
  });

  it('sends nothing after the deadline', async () => {
    const { gateway } = gatewayWorld(server.url);
    const passed = { atEpochMs: 0 };
    const nothing = { code: 'unavailable', message: expect.stringContaining('no time left') };
    await expect(gateway.charge(charge('k-1'), passed)).rejects.toMatchObject(nothing);
    await expect(gateway.findCharge('k-1', passed)).rejects.toMatchObject(nothing);
    expect(server.ledger.view().charges).toEqual([]);
  });

  it('is unavailable when nobody listens', async () => {
    const { gateway } = gatewayWorld(server.url);
    await server.close();
    const refused = { code: 'unavailable', message: expect.stringContaining('ECONNREFUSED') };
    await expect(gateway.charge(charge('k-1'), deadline)).rejects.toMatchObject(refused);
    await expect(gateway.findCharge('k-1', deadline)).rejects.toMatchObject(refused);
  });

  it('repeats look-ups whatever they end in', async () => {
    const world = gatewayWorld(server.url);
    await world.gateway.charge(charge('k-1'), deadline);
    server.setBehaviour({ lookUpErrorRate: 1 });
    await expect(world.gateway.findCharge('k-1', deadline)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'gateway charge look-up: HTTP 500',
    });
    const again = gatewayWorld(server.url);
    again.onSleep = () => server.setBehaviour({});
    expect(await again.gateway.findCharge('k-1', deadline)).toMatchObject({ kind: 'charged' });
  });

  it('rejects a key that another charge has', async () => {
    const { gateway } = gatewayWorld(server.url);
    await gateway.charge(charge('k-1'), deadline);
    await expect(gateway.charge(charge('k-1', 'c-2'), deadline)).rejects.toMatchObject({
      code: 'internal_error',
      message: 'gateway charge: the key belongs to another charge',
      isFinal: true,
    });
  });
});

it('says of a key that is another charge’s what was charged', async () => {
  const { gateway } = gatewayWorld(server.url);
  await gateway.charge(charge('k-1', 'c-1', 9_900n), deadline);
  await expect(gateway.charge(charge('k-1'), deadline)).rejects.toMatchObject({
    code: 'internal_error',
  });
  expect(await gateway.findCharge('k-1', deadline)).toMatchObject({ amountMinor: 9_900n });
});

describe('a key that is under way', () => {
  /** Holds the first charge with `k-1` back until `release`. */
  async function heldBack() {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    beforeEffect = () => {
      arrive();
      return released;
    };
    const first = gatewayWorld(server.url).gateway.charge(charge('k-1'), deadline);
    await arrived;
    return { first, release };
  }

  it('is looked up until the first request has ended', async () => {
    const { first, release } = await heldBack();
    const world = gatewayWorld(server.url);
    world.onSleep = async () => {
      if (world.sleeps.length < 3) return;
      release();
      await first;
    };
    const second = await world.gateway.charge(charge('k-1'), deadline);
    expect(second).toEqual(await first);
    expect(server.ledger.view().charges).toMatchObject([{ count_of_requests: 2 }]);
  });

  it('is nothing found to a look-up', async () => {
    const { first, release } = await heldBack();
    const { gateway } = gatewayWorld(server.url);
    expect(await gateway.findCharge('k-1', deadline)).toEqual({ kind: 'none' });
    release();
    await first;
  });

  it('is unknown at the deadline', async () => {
    const { first, release } = await heldBack();
    const { gateway } = gatewayWorld(server.url);
    await expect(gateway.charge(charge('k-1'), deadline)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
    release();
    await first;
  });

  it('is unknown when the look-up fails for good', async () => {
    const { first, release } = await heldBack();
    const world = gatewayWorld(server.url);
    world.onSleep = () => server.setSecret('another');
    await expect(world.gateway.charge(charge('k-1'), deadline)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
    release();
    await first;
  });
});

describe('the secret', () => {
  /** Serves `values` one after the other, the last for good. */
  function rotated(...values: string[]): SecretSource & { readonly dropped: string[] } {
    const dropped: string[] = [];
    return {
      dropped,
      read: async () => values[0] ?? '',
      invalidate: (refused) => {
        dropped.push(refused);
        if (values.length > 1) values.shift();
      },
    };
  }

  it('is fetched anew when it is refused, and the charge goes on', async () => {
    server.setSecret('new');
    const secret = rotated('old', 'new');
    const { gateway } = gatewayWorld(server.url, { secret });
    expect(await gateway.charge(charge('k-1'), deadline)).toMatchObject({ kind: 'charged' });
    expect(secret.dropped).toEqual(['old']);
  });

  it.each([
    ['stays the same', rotated('old')],
    ['is another wrong one', rotated('old', 'older')],
  ])('is an internal error when it %s', async (_name, secret) => {
    const { gateway } = gatewayWorld(server.url, { secret });
    const refused = { code: 'internal_error', message: expect.stringContaining('HTTP 401') };
    await expect(gateway.charge(charge('k-1'), deadline)).rejects.toMatchObject(refused);
    await expect(gateway.findCharge('k-1', deadline)).rejects.toMatchObject(refused);
    expect(secret.dropped.length).toBeGreaterThan(0);
  });
});
