/** A drill's report as Markdown. Pure. */

import { RPO_KINDS } from '../analysis/judge-payments.ts';
import { CLIENT_KINDS, CLIENT_NAMES } from '../drill-event.ts';
import type { DrillReport } from './drill-report.ts';
import {
  clockRows,
  environmentRows,
  lengthText,
  MARK_MEANINGS,
  MARK_TEXTS,
  millisecondsText,
  momentText,
  RPO_MEANINGS,
  STAGE_MEANINGS,
  verdictText,
} from './words.ts';

/** Ids that are listed of each kind; the JSON report has them all. */
const LISTED_MAX = 50;

export function renderMarkdown(report: DrillReport): string {
  const { scenario, passed, environment } = report;
  return `${[
    `# Drill ${scenario.name}: ${passed ? 'passed' : 'MISSED'}`,
    `**${scenario.title}.** ${scenario.description}`,
    `${capital(verdictText(report))}. Profile \`${environment.profile}\`, ${environment.startedAt}.`,
    ...(environment.notes.length === 0
      ? []
      : [
          'The `fast` profile shortens AWS’s intervals; its times are not those of a deployment:',
          bullets(environment.notes),
        ]),
    '## Objectives',
    table(
      ['objective', 'bound', 'measured', ''],
      report.objectives.map(({ name, objective, measured, met }) => [
        name,
        objective,
        measured,
        met ? 'met' : '**missed**',
      ]),
    ),
    '## Recovery time',
    table(['clock', 'time', 'meaning'], clockRows(report)),
    table(
      ['stage', 'took', 'over at', 'meaning'],
      report.stages.map(({ name, untilEpochMs, lengthMs }) => [
        name,
        lengthText(lengthMs),
        momentText(untilEpochMs, report),
        STAGE_MEANINGS[name],
      ]),
    ),
    table(
      ['mark', 'at', 'meaning'],
      markNames(report).map((name) => [
        MARK_TEXTS[name],
        momentText(report.marks[name], report),
        MARK_MEANINGS[name],
      ]),
    ),
    '## Clients',
    table(
      ['client', 'requests', 'failures', 'longest outage', 'p50', 'p99', 'failed with'],
      CLIENT_KINDS.map((kind) => {
        const { requests, failures, outageMs, p50Ms, p99Ms, faults } = report.clients[kind];
        return [
          CLIENT_NAMES[kind],
          String(requests),
          String(failures),
          lengthText(outageMs, 'not over'),
          millisecondsText(p50Ms),
          millisecondsText(p99Ms),
          Object.entries(faults)
            .map(([fault, count]) => `${fault} ×${count}`)
            .join(', '),
        ];
      }),
    ),
    '## Payments',
    paymentsText(report),
    '## Transitions',
    transitionsText(report),
    '## Checks afterwards',
    table(
      ['check', 'holds', 'detail'],
      report.checks.map(({ name, holds, detail }) => [name, holds ? 'yes' : '**no**', detail]),
    ),
    '## Timeline',
    table(
      ['at', 'what'],
      report.timeline.map(({ atEpochMs, text }) => [momentText(atEpochMs, report), text]),
    ),
    '## Environment',
    table(['', ''], environmentRows(report)),
  ].join('\n\n')}\n`;
}

function paymentsText(report: DrillReport): string {
  const { rpo, inDoubt } = report;
  const rows = RPO_KINDS.map((kind) => [kind, String(rpo[kind].length), RPO_MEANINGS[kind]]);
  const lists = RPO_KINDS.filter((kind) => rpo[kind].length > 0).map((kind) => {
    const hidden = rpo[kind].length - LISTED_MAX;
    const lines = rpo[kind]
      .slice(0, LISTED_MAX)
      .map(({ transactionId, what }) => `\`${transactionId}\`: ${what}`);
    const more = hidden > 0 ? [`and ${hidden} more, in the JSON report`] : [];
    return `${capital(kind)}:\n\n${bullets([...lines, ...more])}`;
  });
  return [
    table(['', 'payments', 'meaning'], rows),
    `${inDoubt.payments} payments were left in doubt to their clients; ${inDoubt.settled} of them ` +
      'were settled by repeating the same request.',
    ...lists,
  ].join('\n\n');
}

function transitionsText(report: DrillReport): string {
  if (report.transitions.length === 0) return 'None: traffic stayed where it was.';
  return table(
    ['epoch', 'at', 'change', 'traffic to', 'by', 'reason'],
    report.transitions.map(({ epoch, atEpochMs, change, active, actor, reason }) => [
      String(epoch),
      momentText(atEpochMs, report),
      change,
      active.join(', '),
      actor,
      reason,
    ]),
  );
}

function markNames({ marks }: DrillReport): readonly (keyof DrillReport['marks'])[] {
  return Object.keys(marks) as (keyof DrillReport['marks'])[];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cellText).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A bar or a line break would end the cell. */
function cellText(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
