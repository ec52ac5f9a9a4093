/**
 * Decides whether traffic moves. Each Region's orchestrator decides only about moving traffic onto its own
 * Region, so that no step depends on the one that fails. Source: docs/adr/0017-failover-decision.md.
 */

import type { Verdict } from './judge-region.ts';
import type { RoutingState } from './routing-log.ts';

export interface RoutingRules {
  readonly policy: 'active-passive' | 'active-active';
  readonly failback: 'manual' | 'automatic';
  /** The Region that traffic comes back to in active-passive. */
  readonly primary: string;
  /** After any transition, before automation makes another. */
  readonly cooldownMs: number;
  /** How long a Region must have been healthy before it takes traffic by automation again. */
  readonly soakMs: number;
}

/** What one orchestrator knows when it decides. */
export interface Situation {
  /** Its own Region: the one that traffic would move to. */
  readonly own: string;
  readonly peer: string;
  readonly ownVerdict: Verdict;
  readonly peerVerdict: Verdict;
  /**
   * How long the own Region has been healthy without a break, and traffic has been elsewhere if it was here
   * before; null: it is not healthy.
   */
  readonly ownSoakedForMs: number | null;
  /** Since traffic last changed its place; null: it never did. */
  readonly sinceMoveMs: number | null;
  /** Whether traffic was here and was moved away. */
  readonly ownWasLeft: boolean;
  /**
   * Whether the peer has been healthy for the soak time since traffic was moved there: what impairs it now
   * then began there, and did not come along with the traffic.
   */
  readonly peerWasHealthy: boolean;
  /**
   * Whether traffic was moved away from here by a `failback`, and the own Region has been healthy without a break
   * since before that: what impairs the peer now is its own, and a person or a soak stood before that move.
   */
  readonly ownWellSinceReturn: boolean;
}

type WaitReason =
  | 'manual-mode'
  | 'own-drained'
  | 'own-active'
  | 'peer-healthy'
  | 'peer-unsure'
  | 'own-not-healthy'
  | 'cooldown'
  | 'soaking'
  | 'same-episode';

export type Decision =
  | { readonly kind: 'wait'; readonly because: WaitReason }
  | {
      readonly kind: 'move';
      readonly change: 'failover' | 'failback';
      readonly active: readonly string[];
      readonly because: 'peer-lost' | 'peer-impaired' | 'soaked';
    };

/**
 * The rules, in the order in which they are asked: manual mode stops everything; a drained Region takes
 * nothing; traffic leaves only a Region that is lost or impaired, and only for one that is healthy; one move
 * in a cooldown. A Region that traffic was moved away from takes it back from one that is merely impaired only
 * after its soak, and only if the other was well for as long meanwhile: a fault of both (a payment gateway, a
 * client) would else send traffic to and fro. Not so where traffic had been brought back to that one, which may be as bad
 * as when it was left: nothing shows that while it is idle. Traffic comes back by itself only where that is configured.
 *
 * Active-active: traffic is taken from the peer, or given back to the own Region; the own Region's share
 * is the peer's to take. Pure; total.
 */
export function decideTransition(
  state: RoutingState,
  situation: Situation,
  rules: RoutingRules,
): Decision {
  const { own, peer, peerVerdict } = situation;
  if (state.mode === 'manual') return wait('manual-mode');
  if (state.drained.includes(own)) return wait('own-drained');
  if (!state.active.includes(peer)) return returning(state, situation, rules);

  if (peerVerdict === 'lost' || peerVerdict === 'impaired') {
    if (situation.ownVerdict !== 'healthy') return wait('own-not-healthy');
    if (isCooling(situation, rules)) return wait('cooldown');
    const grey = peerVerdict === 'impaired';
    if (grey && situation.ownWasLeft && !situation.ownWellSinceReturn) {
      if (!isSoaked(situation, rules)) return wait('soaking');
      if (!situation.peerWasHealthy) return wait('same-episode');
    }
    const because = grey ? 'peer-impaired' : 'peer-lost';
    return { kind: 'move', change: 'failover', active: [own], because };
  }
  if (peerVerdict === 'unsure')
    return state.active.includes(own) ? wait('own-active') : wait('peer-unsure');
  return returning(state, situation, rules);
}

/** The own Region takes traffic (again) though nothing is wrong with the other. */
function returning(state: RoutingState, situation: Situation, rules: RoutingRules): Decision {
  const { own, peer } = situation;
  if (state.active.includes(own)) return wait('own-active');
  const mayReturn = rules.policy === 'active-active' || own === rules.primary;
  if (rules.failback === 'manual' || !mayReturn || state.epoch === 0) return wait('peer-healthy');
  if (situation.ownVerdict !== 'healthy') return wait('own-not-healthy');
  if (!isSoaked(situation, rules)) return wait('soaking');
  if (isCooling(situation, rules)) return wait('cooldown');
  const active = rules.policy === 'active-active' ? [...state.active, own].toSorted() : [own];
  // Without a peer to share with, the own Region is all there is.
  return {
    kind: 'move',
    change: 'failback',
    active: state.active.includes(peer) ? active : [own],
    because: 'soaked',
  };
}

function isCooling({ sinceMoveMs }: Situation, { cooldownMs }: RoutingRules): boolean {
  return sinceMoveMs !== null && sinceMoveMs < cooldownMs;
}

function isSoaked({ ownSoakedForMs }: Situation, { soakMs }: RoutingRules): boolean {
  return ownSoakedForMs !== null && ownSoakedForMs >= soakMs;
}

function wait(because: WaitReason): Decision {
  return { kind: 'wait', because };
}
