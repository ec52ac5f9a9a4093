import { describe, expect, it } from 'vitest';
import { SimProcess } from '#sim/kernel/sim-process.ts';
import type { SimPlan } from '#sim/plan.ts';
import { PaymentsTable } from '#sim/services/payments-table.ts';
import { createTablePorts, type TablePorts } from '#sim/services/table-ports.ts';
import { createDrivenWires } from '../../../support/driven-world.ts';
import { describeOpenWork } from '../../../support/open-work-contract.ts';
import { describePaymentStore } from '../../../support/payment-store-contract.ts';
import { deadline, newJournal } from '../../../support/stored-journals.ts';

function planOf(consistency: 'strong' | 'eventual'): SimPlan {
  const topology = { consistency };
  return { topology, timings: { indexLagMs: 0, replicationLagMs: 100 } } as SimPlan;
}

function open(consistency: 'strong' | 'eventual' = 'strong') {
  const wires = createDrivenWires();
  const { world, conditions } = wires;
  const written: string[] = [];
  const table = new PaymentsTable(wires, {
    ...{ plan: planOf(consistency), conditions },
    onJournal: (region, key) => void written.push(`${region} ${key}`),
    onPayment: () => undefined,
  });
  const portsIn = (region: 'us-east-1' | 'us-east-2'): TablePorts =>
    createTablePorts(wires, table, new SimProcess(world, region, 'api'));
  return { wires, table, written, here: portsIn('us-east-1'), there: portsIn('us-east-2') };
}

describePaymentStore("the simulator's strong table", () => open().here);
describeOpenWork("the simulator's strong table", () => open().here);
describePaymentStore("the simulator's eventual table", () => open('eventual').here);
describeOpenWork("the simulator's eventual table", () => open('eventual').here);

describe('PaymentsTable', () => {
  it('shows a strong write in the other Region at once', async () => {
    const { here, there } = open();
    const journal = newJournal();
    await here.store.createJournal(journal, deadline);
    const rival = { ...journal, fingerprint: 'e'.repeat(64) };
    expect(await there.store.createJournal(rival, deadline)).toEqual({ kind: 'exists', journal });
  });

  it('lets both Regions accept one id where tables are eventual, and the later write stays', async () => {
    const { here, there, table, wires } = open('eventual');
    const journal = newJournal();
    const rival = { ...journal, fingerprint: 'e'.repeat(64) };
    expect(await here.store.createJournal(journal, deadline)).toEqual({ kind: 'created' });
    expect(await there.store.createJournal(rival, deadline)).toEqual({ kind: 'created' });
    await wires.world.sleep(10_000);
    expect(table.journals.peek('us-east-1', journal.transactionId)).toBe(rival);
    expect(table.journals.peek('us-east-2', journal.transactionId)).toBe(rival);
  });

  it('knows what the replica that counts never knew', async () => {
    const { here, there, table, wires } = open('eventual');
    const lost = (): string[] => {
      const ids: string[] = [];
      table.journals.lost('us-east-2', ({ transactionId }) => ids.push(transactionId));
      return ids;
    };
    const known = newJournal();
    await here.store.createJournal(known, deadline);
    expect(lost()).toEqual([known.transactionId]);
    await wires.world.sleep(10_000);
    expect(lost()).toEqual([]);
    // Decided on what came from the other Region, and not yet on its way back.
    const settlement = { status: 'PROCESSED', chargeId: null, declineReason: null } as const;
    await there.store.settleJournal(known.transactionId, settlement, 5, deadline);
    expect(lost()).toEqual([]);
    // Two that knew nothing of each other: one gives way for good.
    const contested = newJournal();
    const rival = { ...contested, fingerprint: 'e'.repeat(64) };
    await here.store.createJournal(contested, deadline);
    await there.store.createJournal(rival, deadline);
    await wires.world.sleep(10_000);
    expect(lost()).toEqual([contested.transactionId]);
  });

  it('takes two Regions that come to the same for one that knew of the other', async () => {
    const { here, there, table, wires } = open('eventual');
    const journal = newJournal();
    await here.store.createJournal(journal, deadline);
    await wires.world.sleep(10_000);
    const settlement = { status: 'PROCESSED', chargeId: null, declineReason: null } as const;
    await here.store.settleJournal(journal.transactionId, settlement, 5, deadline);
    await there.store.settleJournal(journal.transactionId, settlement, 6, deadline);
    await wires.world.sleep(10_000);
    const ids: string[] = [];
    for (const region of ['us-east-1', 'us-east-2'] as const) {
      table.journals.lost(region, ({ transactionId }) => ids.push(transactionId));
    }
    expect(ids).toEqual([]);
  });

  it('throttles and slows queries of its indexes too', async () => {
    const { here, wires } = open();
    const own = wires.conditions.regions['us-east-1'];
    const query = { shard: 0, dueBeforeEpochMs: 1, limit: 10, after: null };
    own.slowReplicaMs = 300;
    const startedAtMs = wires.world.nowMs;
    await here.open.listDue(query, deadline);
    expect(wires.world.nowMs - startedAtMs).toBeGreaterThan(300);
    own.throttle = 1;
    await expect(here.open.listDue(query, deadline)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(
      here.open.listMisdated({ shard: 0, dueAfterEpochMs: 1, limit: 10 }, deadline),
    ).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('serves nothing strongly in a Region that reaches no other, and all when it reaches the witness', async () => {
    const { here, wires } = open();
    const cut = (to: 'us-east-2' | 'us-west-2', by: 'F1' | null): void => {
      wires.network.link('us-east-1', to).blockedBy = by;
    };
    cut('us-east-2', 'F1');
    expect(await here.store.createJournal(newJournal(), deadline)).toEqual({ kind: 'created' });
    cut('us-west-2', 'F1');
    const journal = newJournal();
    await expect(here.store.createJournal(journal, deadline)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
    await expect(here.store.readJournals([journal.transactionId], deadline)).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  it('says unknown of a write that was applied and never answered, and tells of it once', async () => {
    const { here, wires, written } = open();
    wires.conditions.regions['us-east-1'].ambiguous = 1;
    const journal = newJournal();
    await expect(here.store.createJournal(journal, deadline)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
    expect(written).toEqual([`us-east-1 ${journal.transactionId}`]);
    wires.conditions.regions['us-east-1'].ambiguous = 0;
    expect(await here.store.createJournal(journal, deadline)).toEqual({ kind: 'exists', journal });
  });

  it('says unavailable where everything was throttled: nothing has happened', async () => {
    const { here, wires, written } = open();
    wires.conditions.regions['us-east-1'].throttle = 1;
    await expect(here.store.createJournal(newJournal(), deadline)).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(written).toEqual([]);
  });
});
