/** Two people at the command line of a system whose orchestrators are at work. */

import { Operators } from '#sim/clients/operators.ts';
import { phaseCount } from '#sim/faults/coverage.ts';
import { REGIONS } from '#sim/faults/fault-spec.ts';
import type { SimPlan, Topology } from '#sim/plan.ts';
import { OrchestratorRuntime } from '#sim/region/orchestrator-runtime.ts';
import { createSmallSystem } from '../region/small-system.ts';

/** By then each Region has said where it is, and has been well for the soak time of a failback. */
export const KNOWN_MS = 130_000;

export function openOperators(topology: Partial<Topology> = {}, plan: Partial<SimPlan> = {}) {
  const small = createSmallSystem(topology, plan);
  const { system } = small;
  for (const region of REGIONS) new OrchestratorRuntime(system, region).start();
  const followed: number[] = [];
  const operators = new Operators(system, (epoch) => followed.push(epoch));
  const hits = (fault: 'F20' | 'F23' | 'F24' | 'F25'): number =>
    phaseCount(system.coverage.counts, fault, 'operate');
  return { ...small, operators, followed, hits };
}

export type OperatorsWorld = ReturnType<typeof openOperators>;

export const kindsOf = ({ operators }: OperatorsWorld): string[] =>
  operators.outcomes.map(({ outcome }) => outcome.kind);
export const changesOf = ({ system }: OperatorsWorld): string[] =>
  system.control.entries.map(({ change, active }) => `${change} ${active.join()}`);
