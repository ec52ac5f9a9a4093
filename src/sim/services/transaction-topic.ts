/** SNS: at least once. What subscribers were told is kept for the checkers; they drop repeats by id. */

import type { Notification } from '#core/notifications.ts';
import type { Notifier } from '#core/ports.ts';
import type { Conditions } from '../conditions.ts';
import { callService, refuse, type Served, type Wires } from '../kernel/exchange.ts';
import type { SimProcess } from '../kernel/sim-process.ts';

/** What a subscriber did about one id: the first delivery counts, the others are dropped. */
export interface NotificationEffect {
  readonly id: string;
  readonly subject: string;
  /** JSON text of the first delivery. */
  readonly body: string;
  deliveries: number;
  /** Bodies under the same id that were not the same text; empty as it should be. */
  readonly others: string[];
}

export class TransactionTopic {
  readonly effects = new Map<string, NotificationEffect>();
  readonly #wires: Wires;
  readonly #conditions: Conditions;

  constructor(wires: Wires, conditions: Conditions) {
    this.#wires = wires;
    this.#conditions = conditions;
  }

  portsFor(runner: SimProcess): Notifier {
    const { region } = runner;
    return {
      publish: (notification, deadline) => {
        runner.beginsWrite('publish', notification.id);
        return callService(
          this.#wires,
          runner,
          {
            ...{ what: 'publish', about: notification.id, phase: 'finish' as const },
            ...{ to: region, isWrite: true },
            serve: (): Served<void> => {
              const random = this.#wires.world.random('topic');
              const { throttle, ambiguous } = this.#conditions.regions[region];
              if (random.chance(throttle)) {
                this.#wires.coverage.hit('F15', 'finish');
                return refuse('F15');
              }
              this.#deliver(notification);
              if (random.chance(ambiguous)) {
                this.#wires.coverage.hit('F13', 'finish');
                return { kind: 'silent' };
              }
              return { kind: 'ok', value: undefined, afterMs: 4 };
            },
          },
          deadline,
        );
      },
    };
  }

  #deliver({ id, subject, body }: Notification): void {
    const text = JSON.stringify(body);
    const known = this.effects.get(id);
    if (known === undefined) {
      this.effects.set(id, { id, subject, body: text, deliveries: 1, others: [] });
      return;
    }
    known.deliveries += 1;
    if (known.body !== text || known.subject !== subject) known.others.push(text);
  }
}
