/** Fires a Region's scheduled rules. */

import { randomUUID } from 'node:crypto';
import type { ScheduleModel } from '../region-model.ts';
import type { EventClock } from './event-clock.ts';
import type { RegionPresence } from './region-presence.ts';
import { nextFireEpochMs, parseSchedule } from './schedule-expression.ts';
import { scheduledEvent } from './scheduled-event.ts';

export interface SchedulerOptions {
  readonly schedules: readonly ScheduleModel[];
  readonly presence: RegionPresence;
  readonly clock: EventClock;
  /** How many times as fast as the clock the rules' time goes; 1 on AWS. */
  readonly speed: number;
  /** Takes one invocation and returns at once. */
  readonly submit: (functionArn: string, event: string) => void;
}

export interface Scheduler {
  /** The rules begin now: a rate counts from here. */
  start(): void;
  stop(): void;
}

/** The longest delay that timers take; a later firing is waited for in several steps. */
const TIMER_MS_MAX = 2_147_483_647;

/**
 * A rule that falls due while its Region is down does not fire, then or later; neither do those that
 * a suspended machine has missed. One that falls due while its last invocation still runs fires all
 * the same, as on AWS.
 *
 * With a `speed`, the rules' time runs ahead of the clock from the start on; the event's `time` is the
 * clock's, because functions compare it with their own.
 */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { clock, presence, speed } = options;
  const cancels = new Map<ScheduleModel, () => void>();

  function fire(rule: ScheduleModel): void {
    const firing = {
      id: randomUUID(),
      ruleArn: rule.ruleArn,
      firedAtEpochMs: clock.nowEpochMs(),
    };
    for (const { functionArn, input } of rule.targets) {
      options.submit(functionArn, input ?? scheduledEvent(firing));
    }
  }

  function arm(rule: ScheduleModel, originEpochMs: number): void {
    const schedule = parseSchedule(rule.expression);
    const ruleTime = (): number => originEpochMs + (clock.nowEpochMs() - originEpochMs) * speed;

    const armNext = (afterEpochMs: number): void => {
      const dueEpochMs = nextFireEpochMs(schedule, originEpochMs, afterEpochMs);
      if (dueEpochMs === null) cancels.delete(rule);
      else wait(dueEpochMs);
    };
    const wait = (dueEpochMs: number): void => {
      const delayMs = Math.min(TIMER_MS_MAX, Math.ceil((dueEpochMs - ruleTime()) / speed));
      cancels.set(
        rule,
        clock.schedule(() => {
          if (ruleTime() < dueEpochMs) return wait(dueEpochMs);
          if (presence.isServing()) fire(rule);
          armNext(ruleTime());
        }, delayMs),
      );
    };
    armNext(originEpochMs);
  }

  return {
    start() {
      for (const rule of options.schedules) {
        if (rule.enabled) arm(rule, clock.nowEpochMs());
      }
    },
    stop() {
      for (const cancel of cancels.values()) cancel();
      cancels.clear();
    },
  };
}
