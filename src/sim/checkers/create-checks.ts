/** All the checks of a run, as its services and its end call them. */

import type { Journal, Payment } from '#core/journal.ts';
import type { LeaseRecord } from '#core/lease.ts';
import type { RoutingEntry } from '#core/routing/routing-log.ts';
import type { OperatorOutcome } from '../clients/operators.ts';
import type { RegionName } from '../faults/fault-spec.ts';
import type { BankEntry } from '../services/bank.ts';
import type { OnWrite } from '../services/global-table.ts';
import type { System } from '../system.ts';
import { checkAmounts, checkCounts } from './check-accounts.ts';
import { checkAcknowledged } from './check-acknowledged.ts';
import { checkAnswers } from './check-answers.ts';
import { checkAuditLog } from './check-audit-log.ts';
import { checkDenials } from './check-denials.ts';
import { checkEpisodes } from './check-episodes.ts';
import { checkLeftInTime } from './check-left-in-time.ts';
import { checkLogHistory, checkPaymentHistories } from './check-linearizable.ts';
import { checkNotifications } from './check-notifications.ts';
import { checkReasons } from './check-reasons.ts';
import { checkReconciled } from './check-reconciled.ts';
import { EffectWatch } from './effect-watch.ts';
import { gatherEvidence } from './evidence.ts';
import { RoutingWatch } from './routing-watch.ts';
import { storedTruth } from './stored-truth.ts';

/** Each broken promise goes to `System.violate`, with ids and numbers to begin with. */
export interface Checks {
  /** The four of them at the moment of the effect: invariants 2, 6, 7, 8 and 11. */
  readonly onJournal: OnWrite<Journal>;
  readonly onPayment: OnWrite<Payment>;
  onBankEntry(entry: BankEntry): void;
  onAppend(entry: RoutingEntry, region: RegionName): void;
  onLease(before: LeaseRecord | null, after: LeaseRecord, region: RegionName): void;
  /**
   * When the world has come to rest: all the others, but 13, which is the run's. `people`: what
   * operators were told of their verbs; `moves`: entries that orchestrators took for theirs.
   */
  settled(people?: readonly Told[], moves?: readonly EntryName[]): void;
}

/** An entry of the routing log, as somebody names it who was told of it. */
export type EntryName = Pick<RoutingEntry, 'epoch' | 'entryId'>;

/** One verb of an operator. */
export type Told = Pick<OperatorOutcome, 'outcome' | 'plannedEpoch'>;

/** `system`: called late, since services are made with the hooks that they call. */
export function createChecks(system: () => System): Checks {
  const effects = new EffectWatch(system);
  const routing = new RoutingWatch(system);
  return {
    onJournal: (region, _key, before, after) => effects.onJournal(region, before, after),
    onPayment: (region, key, before, after) => effects.onPayment(region, key, before, after),
    onBankEntry: (entry) => effects.onBankEntry(entry),
    onAppend: (entry, region) => routing.onAppend(entry, region),
    onLease: (before, after, region) => routing.onLease(before, after, region),
    settled(people = [], moves = []) {
      const all = system();
      const evidence = gatherEvidence(all, effects, storedTruth(all, effects));
      checkAcknowledged(evidence);
      checkDenials(evidence);
      checkReconciled(evidence);
      checkAnswers(evidence);
      checkCounts(evidence);
      checkNotifications(evidence);
      checkPaymentHistories(evidence);
      checkAmounts(evidence);
      checkLogHistory(evidence);
      checkEpisodes(all, routing.appended);
      checkLeftInTime(all, routing.appended);
      checkReasons(all);
      checkAuditLog(all, [...appendedBy(people), ...moves]);
      for (const told of people) checkPlan(told, all.violate);
    },
  };
}

function appendedBy(people: readonly Told[]): readonly RoutingEntry[] {
  return people.flatMap(({ outcome }) => (outcome.kind === 'appended' ? [outcome.entry] : []));
}

/** Invariant 8: a plan takes effect right after the entry that it was made on, or not at all. */
function checkPlan({ outcome, plannedEpoch }: Told, violate: System['violate']): void {
  if (outcome.kind !== 'appended' || plannedEpoch === null) return;
  const { epoch, entryId, actor } = outcome.entry;
  if (epoch === plannedEpoch + 1) return;
  violate(8, `epoch ${epoch}, ${entryId} of ${actor}: it was planned on epoch ${plannedEpoch}`);
}
