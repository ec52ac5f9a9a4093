/** A drill's whole world in memory and virtual time: a failover that anybody can read, with every figure known. */

import { sha256Hex } from '#adapters/system.ts';
import type { RoutingChange, RoutingEntry } from '#core/routing/routing-log.ts';
import { firstState, nextEntry } from '#core/routing/routing-log.ts';
import type { DrillEvent } from '#ops/drill/drill-event.ts';
import type { DrillFault, DrillTarget, OperatorVerb } from '#ops/drill/drill-target.ts';
import type { DrillWorld } from '#ops/drill/drill-world.ts';
import { createDnsClient } from '#ops/drill/load/dns-client.ts';
import { failed, type PostPayment } from '#ops/drill/load/send-payment.ts';
import type { Pace } from '#ops/drill/pace.ts';
import { createVirtualTime } from '../../../support/virtual-time.ts';
import {
  journalOf,
  recordOf,
  settled,
  storedJournal,
} from '../../core/reconcile/stored-fixture.ts';

export const EAST_1 = 'us-east-1';
export const EAST_2 = 'us-east-2';
export const IMPAIRED = 'payment-region-impaired-dev';

const FIRST = firstState('active-passive', [EAST_1, EAST_2]);

export const PACE: Pace = {
  ratePerSecond: 6,
  observeEveryMs: 250,
  readyWithinMs: 5_000,
  cooldownMs: 10_000,
  soakMs: 60_000,
  warmUpMs: 3_000,
  quietMs: 3_000,
  holdMs: { stay: 4_000, beat: 1_000 },
  withinMs: {
    moved: 20_000,
    'dns-moved': 20_000,
    returned: 20_000,
    stable: 20_000,
    healthy: 20_000,
  },
  settleWithinMs: 10_000,
  verbWithinMs: 10_000,
};

export interface FakeWorld extends DrillWorld {
  readonly time: ReturnType<typeof createVirtualTime>;
  readonly injected: DrillFault[];
  readonly operated: OperatorVerb[];
  readonly entries: RoutingEntry[];
  /** Whether a fault is in force. */
  isBroken(): boolean;
  /** Moves traffic, as an orchestrator would. */
  move(change: RoutingChange, to: string): void;
}

export interface Behaviour {
  /** From the fault until the routing log moves; null: never. */
  readonly decideAfterMs?: number | null;
  /** From there until DNS follows. */
  readonly dnsAfterMs?: number;
  /** Verbs that are refused before one is not. */
  readonly refusals?: number;
  readonly isOwn?: boolean;
  /** Ids of acknowledged payments that no replica has afterwards. */
  readonly loses?: (id: string) => boolean;
}

/** The primary fails every payment while a fault is in force there; nothing else ever does. */
export function createFakeWorld(behaviour: Behaviour = {}): FakeWorld {
  const { decideAfterMs = 2_000, dnsAfterMs = 1_000, isOwn = true, loses } = behaviour;
  const time = createVirtualTime();
  const injected: DrillFault[] = [];
  const operated: OperatorVerb[] = [];
  const entries: RoutingEntry[] = [];
  const stored = new Map<string, number>();
  let refusals = behaviour.refusals ?? 0;
  let broken = false;
  let dnsRegion = EAST_1;

  const move = (change: RoutingChange, to: string): void => {
    const note = { entryId: `e-${entries.length}`, atEpochMs: time.nowMs(), actor: 'test' };
    const state = { change, reason: 'because', evidence: '{}', mode: 'auto', drained: [] } as const;
    entries.push(
      nextEntry(entries.at(-1) ?? null, FIRST, { ...note, ...state, active: [to] }, sha256Hex),
    );
    void time.sleep(dnsAfterMs).then(() => (dnsRegion = to));
  };
  const target: DrillTarget = {
    facts: {
      name: 'fake twin',
      ...{ profile: 'fast', suffix: 'dev', isOwn },
      regions: [EAST_1, EAST_2],
      apiUrls: { [EAST_1]: 'http://127.0.0.1:1', [EAST_2]: 'http://127.0.0.1:2' },
      awsEndpoint: 'http://127.0.0.1:3',
      dns: { address: '127.0.0.1', port: 5 },
      apiName: 'api.holdfast.test',
      versions: { holdfast: '0.1.0' },
    },
    snapshot: async () => ({
      regions: [EAST_1, EAST_2].map((name) => {
        const isUp = name !== EAST_1 || !broken;
        return { name, condition: isUp ? 'up' : 'killed', checkHealthy: isUp };
      }),
      faults: broken ? [`${EAST_1}: kill`] : [],
    }),
    async inject(fault) {
      injected.push(fault);
      const isFirst = entries.length === 0 && !broken;
      broken = true;
      if (!isFirst || decideAfterMs === null) return;
      void time.sleep(decideAfterMs).then(() => broken && move('failover', EAST_2));
    },
    async heal() {
      broken = false;
    },
    async operate(verb) {
      operated.push(verb);
      refusals -= 1;
      if (refusals >= 0) return { kind: 'refused', reason: 'it soaks' };
      if (verb.verb === 'failover') move('failover', verb.to);
      else move('failback', EAST_1);
      return { kind: 'done' };
    },
  };
  const post: PostPayment = async ({ region }, { transactionId }) => {
    await time.sleep(20);
    if (region === EAST_1 && broken) return { ...failed('ECONNREFUSED'), region };
    const at = stored.get(transactionId) ?? Math.floor(time.nowMs() / 1_000);
    stored.set(transactionId, at);
    const text = JSON.stringify({ transaction_id: transactionId, timestamp: at });
    return { outcome: 'ok', status: 200, fault: null, region, timestampEpochSeconds: at, text };
  };
  const resolve = async () => ({ region: dnsRegion, url: 'http://127.0.0.1:1', ttlMs: 500 });
  const dnsClient = (pinned: boolean) =>
    createDnsClient({ resolve, post, pinned, nowMs: () => time.nowMs() });

  return {
    ...{ time, injected, operated, entries, move, target, resolve, post },
    isBroken: () => broken,
    serves: async (region) => region !== EAST_1 || !broken,
    newestEntry: async () => entries.at(-1) ?? null,
    allEntries: async () => [...entries],
    ringingAlarms: async (region) => (region === EAST_1 && broken ? [IMPAIRED] : []),
    backlog: async () => ({ open: 0, overdue: 0, parked: 0, oldestEpochSeconds: null }),
    contents: async (prefix) =>
      [EAST_1, EAST_2].map((region) => ({
        region,
        transactions: new Map(
          [...stored]
            .filter(([id]) => id.startsWith(prefix) && loses?.(id) !== true)
            .map(([id, at]) => [id, storedPayment(id, at)] as const),
        ),
      })),
    reconcile: async () => ({
      ...{ consistency: 'strong', regionsRead: [EAST_1, EAST_2], unreached: [], left: 0 },
      ...{ leadingRegion: EAST_1, transactions: stored.size, counts: {}, findings: [] },
      complete: true,
    }),
    clients: {
      dns: [dnsClient(false)],
      pinned: [dnsClient(true)],
      retrying: [
        async (payment) => {
          const first = await post({ region: EAST_1, url: '' }, payment);
          return first.outcome === 'ok' ? first : post({ region: EAST_2, url: '' }, payment);
        },
      ],
    },
    impairedAlarm: IMPAIRED,
    clock: { nowEpochMs: () => time.nowMs() },
    sleep: (ms) => time.sleep(ms),
    newId: () => 'test',
  };
}

/** A finished payment as a replica holds it. */
export function storedPayment(transactionId: string, atEpochSeconds: number) {
  const request = { transactionId, customerId: 'c', amountMinor: 1_000n, currency: 'USD' };
  const changes = { ...settled, transactionId, request, paymentEpochSeconds: atEpochSeconds };
  const journal = journalOf(changes);
  return { transactionId, items: [storedJournal(journal), recordOf(journal)] };
}

/** One request that began at `startedMs` and took 20 ms, or as long as it is said. */
export function eventAt(startedMs: number, changes: Partial<DrillEvent> = {}): DrillEvent {
  return {
    client: 'dns',
    transactionId: `txn-${startedMs}`,
    startedAtEpochMs: startedMs,
    endedAtEpochMs: startedMs + 20,
    outcome: 'ok',
    status: 200,
    fault: null,
    region: EAST_1,
    ...changes,
  };
}

/** The same, failed. */
export function failureAt(startedMs: number, changes: Partial<DrillEvent> = {}): DrillEvent {
  return eventAt(startedMs, { outcome: 'failed', status: null, fault: 'timeout', ...changes });
}
