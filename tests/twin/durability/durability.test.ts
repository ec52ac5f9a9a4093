/** Accepted payments under loss: everything waits for the sweepers at the same time. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareAssembly } from '#cli/prepare-assembly.ts';
import { type ReferenceGateway, startReferenceGateway } from '#gateway/reference-gateway.ts';
import { type Proof, proveDurability } from '../../../scripts/proof/prove-durability.ts';
import { type RunningTwin, startTwinProcess } from '../../support/running-twin.ts';
import { ROOT } from '../../support/source-files.ts';
import { endureHardships, HARDSHIP_PREFIX, type Hardships, UNQUEUED_COUNT } from './hardships.ts';

const PAYMENTS = 200;
/** The wait for the sweepers, and room for a machine that does other things. */
const TIMEOUT_MS = 180_000;

const scratch = mkdtempSync(join(tmpdir(), 'holdfast-durability-'));
const twins: RunningTwin[] = [];
let gateway: ReferenceGateway | null = null;
let recorded: Proof;
let charged: Proof;
let hardships: Hardships;

beforeAll(async () => {
  gateway = await startReferenceGateway({
    port: 0,
    clock: { nowEpochMs: () => Date.now() },
    random: Math.random,
    behaviour: { failAfterChargeRate: 0.2 },
  });
  const assembly = join(scratch, 'assembly');
  await prepareAssembly({
    root: ROOT,
    outDir: assembly,
    suffix: 'dev',
    access: 'open',
    consistency: 'strong',
    gatewayUrl: gateway.url,
    profile: 'fast',
    report: () => undefined,
  });
  const start = async (args: readonly string[], synthesize = true): Promise<RunningTwin> => {
    const twin = await startTwinProcess({ synthesize, args });
    twins.push(twin);
    return twin;
  };
  const withGateway = ['--assembly', assembly];
  const books = booksOf(gateway);
  // The sweepers of `aws` come once a minute: time enough to invoke them by hand before.
  [recorded, charged, hardships] = await Promise.all([
    start([], false).then((twin) => prove(twin, null)),
    start(withGateway).then((twin) =>
      prove(
        twin,
        books((key) => !isHardship(key)),
      ),
    ),
    start([...withGateway, '--profile', 'aws']).then((twin) =>
      endureHardships(twin, books(isHardship)),
    ),
  ]);
}, TIMEOUT_MS);

afterAll(async () => {
  await Promise.all(twins.map((twin) => twin.stop()));
  await gateway?.close();
  rmSync(scratch, { recursive: true, force: true });
});

describe('a Region that is lost for good while payments are accepted', () => {
  it.each([
    ['a gateway that only records', () => recorded],
    ['a gateway that breaks off after a fifth of its charges', () => charged],
  ])('takes no acknowledged payment with it: %s', (_gateway, proofOf) => {
    const proof = proofOf();
    expect(proof.offenders).toEqual([]);
    // Without work left behind, and without a client cut off, there would be nothing to show.
    expect(proof.leftOpen).toBeGreaterThan(0);
    expect(proof.acknowledgedBy['us-east-1']).toBeGreaterThan(0);
    expect(proof.retried).toBeGreaterThan(0);
    expect(proof).toMatchObject({
      journals: PAYMENTS,
      paymentItems: PAYMENTS,
      processed: PAYMENTS,
      notificationIds: PAYMENTS,
      finishedAfterMs: expect.any(Number),
    });
  });

  it('leaves one charge for each payment in the books of the gateway', () => {
    expect(charged.charges).toBe(PAYMENTS);
    expect(charged.totals.charged).toEqual(charged.totals.acknowledged);
  });
});

describe('payments that could not be enqueued', () => {
  it('are acknowledged all the same, and wait', () => {
    expect(hardships.untouchedBefore).toBe(UNQUEUED_COUNT);
  });

  it('are finished, each charged once, by the sweepers of both Regions at once', () => {
    expect(hardships.unqueued.offenders).toEqual([]);
    expect(hardships.unqueued.charges).toBe(UNQUEUED_COUNT);
    const sweeps = hardships.sweeps.map(({ sweep }) => sweep);
    expect(sweeps).toMatchObject([
      { failed: 0, parked: 0, complete: true },
      { failed: 0, parked: 0, complete: true },
    ]);
    const finished = sweeps.reduce((sum, sweep) => sum + (sweep?.finished ?? 0), 0);
    expect(finished).toBe(UNQUEUED_COUNT);
  });
});

it('has no second effect when each message is delivered twice', () => {
  // A copy may be worked off while the first still is: told twice with one id, which readers drop by it.
  expect(hardships.duplicated).toMatchObject({ offenders: [], chargesRepeated: 0 });
});

it('has no second effect when a consumer dies after its last write', () => {
  expect(hardships.conditionAfterCrash).toBe('killed');
  expect(hardships.crashed.offenders).toEqual([]);
});

function prove(twin: RunningTwin, books: Pick<ReferenceGateway, 'ledger'> | null): Promise<Proof> {
  return proveDurability(twin, {
    payments: PAYMENTS,
    gateway: books,
    finishWithinMs: 90_000,
    onProgress: () => undefined,
  });
}

function isHardship(key: string): boolean {
  return key.startsWith(HARDSHIP_PREFIX);
}

/** The part of the one gateway's books that is of one twin. */
function booksOf({ ledger }: ReferenceGateway) {
  return (isOwn: (key: string) => boolean): Pick<ReferenceGateway, 'ledger'> => ({
    ledger: {
      view: () => {
        const view = ledger.view();
        return { ...view, charges: view.charges.filter(({ key }) => isOwn(key)) };
      },
    },
  });
}
