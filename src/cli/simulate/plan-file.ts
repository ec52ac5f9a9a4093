/** A plan in a file: what shrinking leaves behind, and what `--plan` runs. */

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultScriptError } from '#sim/faults/fault-script-members.ts';
import type { SimPlan } from '#sim/plan.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { readPlan } from './read-plan.ts';

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
  if (!isObject(plan)) throw wrong(named, 'holds no plan: it should be an object');
  try {
    return readPlan(plan);
  } catch (error) {
    if (!(error instanceof FaultScriptError)) throw error;
    throw wrong(named, `is wrong: ${error.message.replace(/\.$/, '')}`, error);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(named: string, what: string, cause?: unknown): CliError {
  return new CliError(EXIT.usage, `--plan: ${named} ${what}`, cause);
}
