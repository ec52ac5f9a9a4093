/**
 * One Region at work: its processes with the production core in them, its API in front, its queue behind.
 *
 * A process that dies takes with it what it knew; the next invocation finds a new one.
 */

import { acceptPayment } from '#core/accept-payment.ts';
import {
  answerOfAccept,
  answerOfError,
  answerOfProcess,
  answerOfRead,
  answerOfRefund,
  type CoreAnswer,
  isTurnedAway,
} from '#core/answers.ts';
import { AppError, knownRead } from '#core/app-error.ts';
import type { PaymentAttempt } from '#core/carry-on.ts';
import { fencePorts } from '#core/fenced-ports.ts';
import { createHealthCheck } from '#core/health.ts';
import { LEASE_HELD_MS, type Lease } from '#core/lease.ts';
import { parsePaymentRequest } from '#core/payment-request.ts';
import type { Deadline, PaymentPorts, PaymentQueue } from '#core/ports.ts';
import { processPayment } from '#core/process-payment.ts';
import { refundPayment } from '#core/refund-payment.ts';
import { parseRefundRequest } from '#core/refund-request.ts';
import { firstState } from '#core/routing/routing-log.ts';
import { createTrafficCheck } from '#core/routing/traffic-check.ts';
import { type SweepReport, sweepOpenPayments } from '#core/sweep.ts';
import { BUDGET_MS, SWEEP } from '#core/time-budgets.ts';
import { ClaimWatch } from '../checkers/claim-watch.ts';
import { PROCESS_KINDS, type ProcessKind, REGIONS, type RegionName } from '../faults/fault-spec.ts';
import type { ApiRequest, ApiResponse } from '../http.ts';
import { fastHash } from '../kernel/fast-hash.ts';
import { SimProcess } from '../kernel/sim-process.ts';
import { RegionQueue } from '../services/payment-queue.ts';
import { createTablePorts, type TablePorts } from '../services/table-ports.ts';
import type { System } from '../system.ts';
import { GATEWAY_TIMEOUT, GATEWAY_TIMEOUT_MS, NO_FUNCTION, responseOf } from './api-response.ts';
import { invariantBehind } from './invariant-behind.ts';
import { createProcessLease } from './process-lease.ts';

/** What a grey Region's function takes for itself, times its factor; elsewhere it is nothing. Milliseconds. */
const COMPUTE_MS = 3;

/** What one life of a process knows. */
interface Life {
  readonly number: number;
  readonly ports: PaymentPorts;
  readonly table: TablePorts;
  /** Those of whoever accepts payments for later. */
  readonly intake: PaymentPorts & { readonly queue: PaymentQueue };
  readonly lease: Lease | null;
  readonly isHealthy: ReturnType<typeof createHealthCheck>;
  readonly trafficHere: ReturnType<typeof createTrafficCheck>;
}

export class RegionRuntime {
  readonly name: RegionName;
  readonly processes: Readonly<Record<ProcessKind, SimProcess>>;
  readonly queue: RegionQueue;
  readonly claims: ClaimWatch;
  readonly #system: System;
  readonly #lives = new Map<ProcessKind, Life>();
  #isSweeping = -1;

  constructor(system: System, name: RegionName) {
    this.name = name;
    this.#system = system;
    this.claims = new ClaimWatch(system, name);
    const made = PROCESS_KINDS.map((kind) => [kind, new SimProcess(system.world, name, kind)]);
    this.processes = Object.fromEntries(made) as Record<ProcessKind, SimProcess>;
    this.queue = new RegionQueue(system.wires, {
      ...{ plan: system.plan, conditions: system.conditions },
      consumer: this.processes.consume,
      ports: () => this.#life('consume').ports,
    });
  }

  /** A request has arrived at the Region's API. `reply` is called at most once. */
  receive(request: ApiRequest, reply: (response: ApiResponse) => void): void {
    const isHealth = request.route === 'health' || request.route === 'traffic';
    const runner = this.processes[isHealth ? 'health' : 'api'];
    const { world, conditions, coverage, alarms } = this.#system;
    const phase = isHealth ? 'health' : 'request';
    const isPayment = request.route === 'process' || request.route === 'accept';
    const answer = (response: ApiResponse): void => {
      if (isPayment) alarms.countAtGateway(this.name, response.status);
      reply(response);
    };
    if (!runner.isUp) {
      runner.missed(phase);
      // No environment starts: the service in front answers for it.
      world.after(20, () => answer(NO_FUNCTION));
      return;
    }
    // Everything else that a request waits for ends before the service in front gives up.
    const hangs = isPayment && runner.isPaused;
    const timer = hangs ? world.after(GATEWAY_TIMEOUT_MS, () => end(GATEWAY_TIMEOUT)) : null;
    let isOver = false;
    const end = (response: ApiResponse): void => {
      if (isOver) return;
      isOver = true;
      if (timer !== null) timer.run = null;
      forget();
      answer(response);
    };
    const forget = runner.onDeath(() => {
      runner.missed(isHealth ? 'health' : 'answer');
      end(NO_FUNCTION);
    });
    const { greyFactor } = conditions.regions[this.name];
    if (greyFactor > 1 && !isHealth) coverage.hit('F8', phase);
    const { life } = runner;
    const start = (): void => runner.deliver(life, () => this.#invoke(request, runner, end), phase);
    if (greyFactor > 1 && !isHealth) world.after(COMPUTE_MS * greyFactor, start);
    else start();
  }

  #invoke(request: ApiRequest, runner: SimProcess, end: (response: ApiResponse) => void): void {
    const { world, alarms } = this.#system;
    const arrivedAtMs = world.nowMs;
    const isCounted =
      request.route !== 'health' && request.route !== 'traffic' && request.route !== 'read';
    const answered = (answer: CoreAnswer, isSentAway: boolean): void => {
      const response = responseOf(answer);
      if (isCounted) {
        alarms.count(this.name, {
          latencyMs: world.nowMs - arrivedAtMs,
          isFault: response.status >= 500 && !isSentAway,
          isTurnedAway: isSentAway,
        });
      }
      end(response);
    };
    runner.invoke(
      () => this.#serve(request, runner),
      (answer) => answered(answer, false),
      (error) => {
        if (!(error instanceof AppError)) return world.fail(error);
        const broken = invariantBehind(error);
        if (broken !== null) {
          this.#system.violate(16, `${request.transactionId}: ${broken.message}`);
        }
        answered(answerOfError(error), isTurnedAway(error));
      },
    );
  }

  /** One sweep, as its schedule begins it. Resolves with null where it does not run. */
  sweep(done: (report: SweepReport | null) => void): void {
    const runner = this.processes.sweep;
    if (!runner.isUp || runner.isPaused) runner.missed('sweep');
    if (!runner.isUp || runner.isPaused || this.#isSweeping === runner.life) return done(null);
    const { life } = runner;
    this.#isSweeping = life;
    const { world } = this.#system;
    world.note(this.name, this.name, 'sweep');
    runner.invoke(
      () => this.#sweepOnce(runner),
      (report) => {
        this.#isSweeping = -1;
        done(report);
      },
      (error) => world.fail(error),
    );
  }

  async #sweepOnce(runner: SimProcess): Promise<SweepReport | null> {
    const life = this.#life('sweep');
    const deadline = { atEpochMs: runner.clock.nowEpochMs() + BUDGET_MS.sweep };
    try {
      if (life.lease !== null) await life.lease.hold(deadline);
      return await sweepOpenPayments(
        {
          ...{ region: this.name, deadline, attemptMs: BUDGET_MS.sweepAttempt },
          ...{ finishMs: BUDGET_MS.sweepAttempt, concurrency: SWEEP.concurrency },
          ...{ paymentsMax: SWEEP.paymentsMax, onOutcome: () => undefined },
          firstShard: this.#system.world.random('sweep').int(0, 15),
        },
        { ...life.ports, open: life.table.open },
      );
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return null;
    }
  }

  /** The payment ports of a process as it is now, for whoever invokes it past the API. */
  portsOf(kind: ProcessKind): PaymentPorts {
    return this.#life(kind).ports;
  }

  /** The ports of a process's present life; made when that life first needs them. */
  #life(kind: ProcessKind): Life {
    const runner = this.processes[kind];
    const known = this.#lives.get(kind);
    if (known !== undefined && known.number === runner.life) return known;
    const life = this.#newLife(runner);
    this.#lives.set(kind, life);
    return life;
  }

  #newLife(runner: SimProcess): Life {
    const { wires, payments, bank, topic, control, plan } = this.#system;
    const { clock, stopwatch, region } = runner;
    const table = createTablePorts(wires, payments, runner);
    const open: PaymentPorts = {
      ...{ store: table.store, gateway: bank.portsFor(runner), notifier: topic.portsFor(runner) },
      ...{ clock, hash: fastHash },
    };
    const isEventual = plan.topology.consistency === 'eventual';
    const lease = isEventual ? createProcessLease(this.#system, runner) : null;
    const ports = lease === null ? open : fencePorts(open, lease);
    return {
      ...{ number: runner.life, table, lease, ports },
      intake: { ...ports, queue: this.queue.portsFor(runner) },
      isHealthy: createHealthCheck(
        { probe: (deadline) => payments.probe(wires, runner, deadline) },
        clock,
      ),
      trafficHere: createTrafficCheck(
        {
          ...{ region, first: firstState(plan.topology.policy, REGIONS) },
          blindMsMax: isEventual ? LEASE_HELD_MS : null,
        },
        { log: control.logFor(runner), clock, stopwatch },
      ),
    };
  }

  /** What the handlers do with a request. Rejects with `AppError` where they answer with an error. */
  async #serve(request: ApiRequest, runner: SimProcess): Promise<CoreAnswer> {
    const life = this.#life(runner.kind);
    const { ports } = life;
    switch (request.route) {
      case 'process': {
        const parsed = parsePaymentRequest(request.body);
        if (parsed.kind === 'invalid') return { kind: 'refused', fault: parsed.fault };
        return answerOfProcess(
          await processPayment(parsed.request, this.#attemptOf(runner), ports),
        );
      }
      case 'accept': {
        const parsed = parsePaymentRequest(request.body);
        if (parsed.kind === 'invalid') return { kind: 'refused', fault: parsed.fault };
        return answerOfAccept(
          await acceptPayment(parsed.request, this.#attemptOf(runner), life.intake),
        );
      }
      case 'refund': {
        const parsed = parseRefundRequest(request.body);
        if (parsed.kind === 'invalid') return { kind: 'refused', fault: parsed.fault };
        const { transactionId } = request;
        const asked = { ...parsed.request, transactionId };
        return answerOfRefund(await refundPayment(asked, this.#attemptOf(runner), ports));
      }
      case 'read': {
        const reading = life.table.reader.readPayment(
          request.transactionId,
          deadlineIn(BUDGET_MS.read, runner),
        );
        return answerOfRead(await knownRead(reading));
      }
      case 'health':
      case 'traffic': {
        const deadline = deadlineIn(BUDGET_MS.health, runner);
        const askedAtMs = this.#system.world.nowMs;
        const [health, traffic] = await Promise.all([
          life.isHealthy(deadline),
          request.route === 'traffic' ? life.trafficHere(deadline) : 'here',
        ]);
        if (request.route === 'traffic') {
          this.claims.said(traffic === 'here', askedAtMs, life.number);
        }
        if (health.kind === 'unhealthy') return { kind: 'refused', fault: { code: 'unavailable' } };
        if (traffic === 'elsewhere')
          return { kind: 'refused', fault: { code: 'traffic_elsewhere' } };
        return { kind: 'ok', status: 200, body: { status: 'healthy' } };
      }
    }
  }

  #attemptOf(runner: SimProcess): PaymentAttempt {
    const deadline = deadlineIn(BUDGET_MS.process, runner);
    return { region: this.name, deadline, finishMs: BUDGET_MS.finish };
  }
}

function deadlineIn(ms: number, { clock }: SimProcess): Deadline {
  return { atEpochMs: clock.nowEpochMs() + ms };
}
