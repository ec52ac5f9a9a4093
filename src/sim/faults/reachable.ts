/** The coverage matrix as a text: which fault has met what, what it can't meet and why, and what is missing. */

import { type CoverageCounts, phaseCount, stageCount } from './coverage.ts';
import {
  FAULT_IDS,
  FAULTS,
  type FaultId,
  PHASES,
  type Phase,
  STAGES,
  type Stage,
} from './fault-ids.ts';
import { REACHABLE, reachOfPhase, reachOfStage, reasonsOf } from './reach.ts';

/** Column heads: 18 names would not fit beside each other. */
const PHASE_HEADS: Readonly<Record<Phase, string>> = {
  request: 'req',
  accept: 'acc',
  charge: 'chrg',
  record: 'rec',
  finish: 'fin',
  answer: 'ans',
  read: 'read',
  'refund-accept': 'rf-a',
  'refund-settle': 'rf-s',
  queue: 'queu',
  sweep: 'swee',
  lease: 'leas',
  observe: 'obs',
  route: 'rout',
  operate: 'oper',
  health: 'hlth',
  dns: 'dns',
  replicate: 'repl',
};
const COLUMN_WIDTH = 5;
const STAGE_WIDTH = 10;
const ID_WIDTH = 4;
/** What can't be met, and what could have been and never was. */
const CANNOT = '·';
const NEVER = '0!';

/**
 * Reachable cells that were never met, as `F13 × charge` and `F13 in moving`: fault by fault, phases before
 * stages. Pure.
 */
export function missing(counts: CoverageCounts): readonly string[] {
  const found: string[] = [];
  for (const fault of FAULT_IDS) {
    for (const phase of PHASES) {
      if (cellOfPhase(counts, fault, phase) === NEVER) found.push(`${fault} × ${phase}`);
    }
    for (const stage of STAGES) {
      if (cellOfStage(counts, fault, stage) === NEVER) found.push(`${fault} in ${stage}`);
    }
  }
  return found;
}

/** How many cells can be met, and how many of them were. Pure. */
export function coverageShare(counts: CoverageCounts): {
  readonly met: number;
  readonly reachable: number;
} {
  let reachable = 0;
  for (const fault of FAULT_IDS) {
    for (const phase of PHASES) if (reachOfPhase(fault, phase) === REACHABLE) reachable += 1;
    for (const stage of STAGES) if (reachOfStage(fault, stage) === REACHABLE) reachable += 1;
  }
  return { met: reachable - missing(counts).length, reachable };
}

/** Two tables, by phase and by stage, and the reasons for their dots; no line is wider than 100. Pure. */
export function renderMatrix(counts: CoverageCounts): string {
  const phaseRows = FAULT_IDS.map((fault) =>
    row(
      fault,
      COLUMN_WIDTH,
      PHASES.map((phase) => cellOfPhase(counts, fault, phase)),
    ),
  );
  const stageRows = FAULT_IDS.map((fault) =>
    row(
      fault,
      STAGE_WIDTH,
      STAGES.map((stage) => cellOfStage(counts, fault, stage)),
    ),
  );
  return [
    'What each fault met, by phase of the protocol',
    row(
      '',
      COLUMN_WIDTH,
      PHASES.map((phase) => PHASE_HEADS[phase]),
    ),
    ...phaseRows,
    '',
    ...legend(),
    '',
    'The same by stage of the failover',
    row('', STAGE_WIDTH, STAGES),
    ...stageRows,
    '',
    `${CANNOT} can't be met, for the reason below. ${NEVER} can be, and was not.`,
    ...FAULT_IDS.flatMap(reasonLines),
    '',
  ].join('\n');
}

function cellOfPhase(counts: CoverageCounts, fault: FaultId, phase: Phase): string {
  return cell(phaseCount(counts, fault, phase), reachOfPhase(fault, phase));
}

function cellOfStage(counts: CoverageCounts, fault: FaultId, stage: Stage): string {
  return cell(stageCount(counts, fault, stage), reachOfStage(fault, stage));
}

/** A count is shown even where none was thought possible: then the table of reasons is wrong. */
function cell(count: number, reach: string): string {
  if (count > 0) return compact(count);
  return reach === REACHABLE ? NEVER : CANNOT;
}

/** Four characters at most: `999`, `12k`, `3.4M`. */
function compact(count: number): string {
  if (count < 1_000) return String(count);
  if (count < 1_000_000) return `${Math.floor(count / 1_000)}k`;
  return count < 10_000_000
    ? `${Math.floor(count / 100_000) / 10}M`
    : `${Math.floor(count / 1_000_000)}M`;
}

function row(head: string, width: number, cells: readonly string[]): string {
  return head.padEnd(ID_WIDTH) + cells.map((text) => text.padStart(width)).join('');
}

/** The heads that are not the names themselves, four in a line. */
function legend(): string[] {
  const short = PHASES.filter((phase) => PHASE_HEADS[phase] !== phase);
  const lines: string[] = [];
  for (let at = 0; at < short.length; at += 4) {
    const some = short.slice(at, at + 4);
    lines.push(
      some
        .map((phase) => `${PHASE_HEADS[phase]} ${phase}`.padEnd(22))
        .join('')
        .trimEnd(),
    );
  }
  return lines;
}

function reasonLines(fault: FaultId): string[] {
  const lines = [`${fault} ${FAULTS[fault]}`];
  for (const [reason, cells] of reasonsOf(fault)) {
    const where = cells.length > 6 ? 'everything else' : cells.join(', ');
    lines.push(...wrapped(`${where}: ${reason}`));
  }
  return lines;
}

/** Broken between words. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = '   ';
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > 98) {
      lines.push(line);
      line = '     ';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
