/** The whole simulated system, as its parts see each other. Assembled by `build-system.ts`. */

import type { Conditions } from './conditions.ts';
import type { Coverage } from './faults/coverage.ts';
import type { RegionName } from './faults/fault-spec.ts';
import type { Wires } from './kernel/exchange.ts';
import type { Network } from './kernel/network.ts';
import type { World } from './kernel/world.ts';
import type { Ledger } from './ledger.ts';
import type { SimPlan } from './plan.ts';
import type { RegionRuntime } from './region/region-runtime.ts';
import type { Alarms } from './services/alarms.ts';
import type { Bank } from './services/bank.ts';
import type { ControlTable } from './services/control-table.ts';
import type { Dns } from './services/dns.ts';
import type { PaymentsTable } from './services/payments-table.ts';
import type { TransactionTopic } from './services/transaction-topic.ts';
import type { Violation } from './violation.ts';

export interface System {
  readonly plan: SimPlan;
  readonly world: World;
  readonly network: Network;
  readonly coverage: Coverage;
  readonly wires: Wires;
  readonly conditions: Conditions;
  readonly payments: PaymentsTable;
  readonly control: ControlTable;
  readonly bank: Bank;
  readonly topic: TransactionTopic;
  readonly alarms: Alarms;
  readonly dns: Dns;
  readonly ledger: Ledger;
  readonly regions: Readonly<Record<RegionName, RegionRuntime>>;
  readonly violations: readonly Violation[];
  /** Notes a broken invariant; the run goes on to its end, so that one seed shows all that it breaks. */
  violate(invariant: number, message: string): void;
}
