/**
 * What an operator's verb makes of the routing state, and when it is refused.
 *
 * Source: docs/adr/0017-failover-decision.md, "Operators".
 */

import type { OperatorRequest } from './ops-event.ts';
import type { RoutingNote, RoutingState } from './routing-log.ts';

/** What was found out before the verb; each fact as one line for people, or null when nothing is wrong. */
export interface OperatorFacts {
  /** Both, the primary first. */
  readonly regions: readonly string[];
  /** Regions that traffic goes to while all is well, as configured. */
  readonly home: readonly string[];
  /** Why a Region should not take traffic now: it does not answer, or its alarm rings. */
  readonly unfitness: (region: string) => string | null;
  /** Why traffic should not come back to a Region yet: it has only just come back, or work is overdue. */
  readonly returnFault: (region: string) => string | null;
}

/** The same from the command line and from an event. */
export type RoutingVerb = OperatorRequest;

type OperatorChange =
  | {
      readonly kind: 'change';
      readonly note: Pick<RoutingNote, 'change' | 'mode' | 'active' | 'drained'>;
    }
  /** The state is what was asked for. */
  | { readonly kind: 'already'; readonly because: string }
  /** Asked for something that does not exist. */
  | { readonly kind: 'mistaken'; readonly because: string }
  /** It would hurt; `force` does it all the same. */
  | { readonly kind: 'refused'; readonly because: string };

/** Works a verb out on the present state. `force` overrides what is refused, never what is mistaken. Pure. */
export function operatorChange(
  state: RoutingState,
  verb: RoutingVerb,
  facts: OperatorFacts,
  force: boolean,
): OperatorChange {
  switch (verb.verb) {
    case 'failover':
      return failover(verb.to, state, facts, force);
    case 'failback':
      return failback(state, facts, force);
    case 'drain':
      return drain(verb.region, state, facts, force);
    case 'undrain':
      return undrain(verb.region, state, facts);
    case 'mode': {
      const { mode } = verb;
      if (state.mode === mode) return { kind: 'already', because: `the mode is ${mode}` };
      const { active, drained } = state;
      return { kind: 'change', note: { change: 'mode', mode, active, drained } };
    }
  }
}

function failover(
  to: string,
  state: RoutingState,
  facts: OperatorFacts,
  force: boolean,
): OperatorChange {
  const unknown = notAmong(to, facts);
  if (unknown !== null) return unknown;
  if (state.active.length === 1 && state.active[0] === to) {
    return { kind: 'already', because: `traffic goes to ${to}` };
  }
  if (state.drained.includes(to) && !force) {
    return { kind: 'refused', because: `${to} is drained: put it back with "drain ${to} --end"` };
  }
  const unfit = facts.unfitness(to);
  if (unfit !== null && !force) return { kind: 'refused', because: unfit };
  const { mode } = state;
  const drained = state.drained.filter((region) => region !== to);
  return { kind: 'change', note: { change: 'failover', mode, active: [to], drained } };
}

function failback(state: RoutingState, facts: OperatorFacts, force: boolean): OperatorChange {
  const { mode, drained } = state;
  const { home } = facts;
  const active = home.filter((region) => !drained.includes(region));
  if (active.length === 0) {
    // No force: ending a drain is a verb of its own. Some Region is always in service: home is a single one.
    const [region = ''] = home;
    const because = `${region} is drained: put it back with "drain ${region} --end"`;
    return { kind: 'mistaken', because };
  }
  const gaining = active.filter((region) => !state.active.includes(region));
  if (gaining.length === 0 && active.length === state.active.length) {
    return { kind: 'already', because: `traffic goes to ${active.join(' and ')}` };
  }
  const faults = gaining.map((region) => facts.unfitness(region) ?? facts.returnFault(region));
  const because = faults.find((fault) => fault !== null) ?? null;
  if (because !== null && !force) return { kind: 'refused', because };
  return { kind: 'change', note: { change: 'failback', mode, active, drained } };
}

function drain(
  region: string,
  state: RoutingState,
  facts: OperatorFacts,
  force: boolean,
): OperatorChange {
  const unknown = notAmong(region, facts);
  if (unknown !== null) return unknown;
  if (state.drained.includes(region)) {
    return { kind: 'already', because: `${region} is drained` };
  }
  const rest = facts.regions.filter((one) => one !== region);
  const left = state.active.filter((one) => one !== region);
  const active = left.length > 0 ? left : rest.filter((one) => !state.drained.includes(one));
  if (active.length === 0) {
    // No force: traffic has to go somewhere.
    return { kind: 'mistaken', because: `no Region would be left: ${rest.join(', ')} is drained` };
  }
  const unfit = active.map(facts.unfitness).find((fault) => fault !== null);
  if (unfit !== undefined && state.active.includes(region) && !force) {
    return { kind: 'refused', because: unfit };
  }
  const { mode } = state;
  const drained = [...state.drained, region].toSorted();
  return { kind: 'change', note: { change: 'drain', mode, active, drained } };
}

function undrain(region: string, state: RoutingState, facts: OperatorFacts): OperatorChange {
  const unknown = notAmong(region, facts);
  if (unknown !== null) return unknown;
  if (!state.drained.includes(region)) {
    return { kind: 'already', because: `${region} is not drained` };
  }
  const drained = state.drained.filter((one) => one !== region);
  const { mode, active } = state;
  return { kind: 'change', note: { change: 'undrain', mode, active, drained } };
}

function notAmong(region: string, { regions }: OperatorFacts): OperatorChange | null {
  if (regions.includes(region)) return null;
  const because = `there is no Region ${region} here; use ${regions.join(' or ')}`;
  return { kind: 'mistaken', because };
}
