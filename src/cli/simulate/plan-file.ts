/** A plan in a file: what shrinking leaves behind, and what `--plan` runs. */

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultScriptError } from '#sim/faults/fault-script-members.ts';
import { PROCESS_KINDS, REGIONS } from '#sim/faults/fault-spec.ts';
import { readFault } from '#sim/faults/read-fault.ts';
import type { SimPlan } from '#sim/plan.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';

/** Beside the plan, for whoever finds the file. */
export interface PlanNote {
  readonly failure: string;
  readonly code: string;
}

/**
 * Writes it below `directory`, or below the machine's folder for temporary files; returns its path. `name`: of the
 * file, without its ending.
 */
export function writePlanFile(
  plan: SimPlan,
  note: PlanNote,
  directory: string | null,
  name = `seed-${plan.seed}`,
): string {
  const folder = directory ?? mkdtempSync(join(tmpdir(), 'holdfast-simulate-'));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.json`);
  writeFileSync(path, `${JSON.stringify({ ...note, plan }, null, 2)}\n`);
  return path;
}

/** The plan of such a file, or of one that is a plan itself. Throws `CliError` that says what to mend. */
export function readPlanFile(path: string, named: string): SimPlan {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw wrong(named, `can't be read (${code})`, cause);
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw wrong(named, `is no JSON (${cause instanceof Error ? cause.message : ''})`, cause);
  }
  const plan = isObject(content) && 'plan' in content ? content['plan'] : content;
  const fault = planFault(plan);
  if (fault !== null) throw wrong(named, fault);
  return plan as SimPlan;
}

/** What is wrong with a plan; null: it can be run. */
function planFault(plan: unknown): string | null {
  if (!isObject(plan)) return 'holds no plan: it should be an object';
  const { seed, safetyMs, failbackAtMs, faults, orders = [], crashAt } = plan;
  if (!isCount(seed)) return 'has no seed that is a whole number';
  if (!isCount(safetyMs)) return 'has no safetyMs that is a number of milliseconds';
  if (failbackAtMs !== null && !isCount(failbackAtMs)) {
    return 'has a failbackAtMs that is neither null nor a number of milliseconds';
  }
  for (const [part, members] of PARTS) {
    const given = plan[part];
    if (!isObject(given)) return `has no ${part}`;
    const missing = members.find((member) => typeof given[member] !== typeOf(part));
    if (missing !== undefined) return `has no ${part}.${missing} that is a ${typeOf(part)}`;
  }
  if (!Array.isArray(crashAt) || !crashAt.every(isCount)) {
    return 'has no crashAt that is a list of whole numbers';
  }
  if (!Array.isArray(orders) || !orders.every(isOrder)) {
    return 'has orders that are no list of manual modes and drains, with atMs and forMs';
  }
  const handmadeFault = handmadePlanFault(plan);
  if (handmadeFault !== null) return handmadeFault;
  if (!Array.isArray(faults)) return 'has no list of faults';
  try {
    for (const [index, fault] of faults.entries()) readFault(fault, `faults[${index}]`);
  } catch (error) {
    if (!(error instanceof FaultScriptError)) throw error;
    return `is wrong: ${error.message.replace(/\.$/, '')}`;
  }
  return null;
}

/** Of what only plans made by hand have. */
function handmadePlanFault({
  crashKinds = [],
  handmade = [],
}: Record<string, unknown>): string | null {
  const isKind = (kind: unknown): boolean => PROCESS_KINDS.some((one) => one === kind);
  if (!Array.isArray(crashKinds) || !crashKinds.every(isKind)) {
    return `has crashKinds that are no list of ${PROCESS_KINDS.join(', ')}`;
  }
  if (!Array.isArray(handmade) || !handmade.every(isHandmade)) {
    return 'has handmade payments that are no list of {atMs, kind, repeats, refunds}';
  }
  return null;
}

function isHandmade(payment: unknown): boolean {
  if (!isObject(payment)) return false;
  const { atMs, kind, repeats = [], refunds = [] } = payment;
  const areVisits = (visits: unknown): boolean => Array.isArray(visits) && visits.every(isVisit);
  const isPayment = isCount(atMs) && (kind === 'process' || kind === 'accept');
  return isPayment && areVisits(repeats) && areVisits(refunds);
}

function isVisit(visit: unknown): boolean {
  if (!isObject(visit)) return false;
  return isCount(visit['afterMs']) && REGIONS.some((region) => region === visit['region']);
}

const PARTS = [
  ['topology', ['consistency', 'policy', 'failback', 'gateway']],
  [
    'timings',
    [
      ...['probeIntervalMs', 'silenceMs', 'cooldownMs', 'soakMs', 'dnsTtlMs', 'healthIntervalMs'],
      ...['indexLagMs', 'replicationLagMs', 'sweepIntervalMs', 'visibilityTimeoutMs'],
    ],
  ],
  [
    'workload',
    [
      ...['payments', 'spreadMs', 'acceptShare', 'repeatShare', 'conflictShare', 'refundShare'],
      ...['readShare', 'slowShare', 'dnsShare', 'burst', 'declineShare'],
    ],
  ],
] as const;

function typeOf(part: (typeof PARTS)[number][0]): 'string' | 'number' {
  return part === 'topology' ? 'string' : 'number';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOrder(order: unknown): boolean {
  if (!isObject(order) || !isCount(order['atMs']) || !isCount(order['forMs'])) return false;
  const { verb, region } = order;
  return verb === 'manual' || (verb === 'drain' && REGIONS.some((name) => name === region));
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function wrong(named: string, what: string, cause?: unknown): CliError {
  return new CliError(EXIT.usage, `--plan: ${named} ${what}`, cause);
}
