/** How the reference gateway misbehaves, and the check of what is asked of it. */

/** Shares are from 0 to 1. What is left out is off. Faults hit charges and refunds alike. */
export interface Behaviour {
  /** Charges that are declined. Those of customers whose id begins with `decline` always are. */
  readonly declineRate: number;
  /** Taken and never answered; without effect. */
  readonly hangRate: number;
  /** 503 before any effect. */
  readonly unavailableRate: number;
  /** 500 before any effect; the client can't know that. */
  readonly errorRate: number;
  /** Takes effect, then the connection is destroyed. */
  readonly failAfterChargeRate: number;
  /** Takes effect, and is answered after `lateMs`. */
  readonly lateRate: number;
  readonly lateMs: number;
  /** 500 to look-ups. */
  readonly lookUpErrorRate: number;
}

export const BEHAVES: Behaviour = {
  declineRate: 0,
  hangRate: 0,
  unavailableRate: 0,
  errorRate: 0,
  failAfterChargeRate: 0,
  lateRate: 0,
  lateMs: 0,
  lookUpErrorRate: 0,
};

export const LATE_MS_MAX = 600_000;

/** Thrown for a behaviour that does not exist; the message names the mend. */
export class BehaviourError extends Error {
  override readonly name = 'BehaviourError';
}

/** Fills in what is left out and checks the rest. Pure. Throws `BehaviourError`. */
export function readBehaviour(given: unknown): Behaviour {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new BehaviourError('send a JSON object, such as {"declineRate": 0.1}');
  }
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(BEHAVES, name)) {
      throw new BehaviourError(`no such setting; there are ${Object.keys(BEHAVES).join(', ')}`);
    }
    const max = name === 'lateMs' ? LATE_MS_MAX : 1;
    if (typeof value !== 'number' || !(value >= 0 && value <= max)) {
      throw new BehaviourError(`${name}: use a number from 0 to ${max}`);
    }
  }
  const behaviour: Behaviour = { ...BEHAVES, ...given };
  if (behaviour.lateRate > 0 && behaviour.lateMs === 0) {
    throw new BehaviourError('lateRate: say with lateMs how late, in milliseconds');
  }
  return behaviour;
}
