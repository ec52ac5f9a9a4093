/** A drill's result as text for a terminal. */

import type { DrillReport } from '#ops/drill/report/drill-report.ts';
import { lengthText, verdictText } from '#ops/drill/report/words.ts';
import type { ReportPaths } from '#ops/drill/report/write-report.ts';
import { columns, type Paint } from './terminal.ts';

/** Some twenty lines: objectives, where the time went, and where the report is. Pure. */
export function renderDrill(report: DrillReport, paths: ReportPaths, paint: Paint): string {
  const { scenario, passed, objectives, stages, clocks, environment } = report;
  const stable = lengthText(clocks.injectionToStable);
  return `${[
    `${paint('strong', scenario.name)}: ${scenario.title}`,
    '',
    ...columns(
      objectives.map(({ name, objective, measured, met }) => [
        paint(met ? 'good' : 'bad', met ? 'met' : 'MISSED'),
        name,
        paint('faint', objective),
        measured,
      ]),
    ),
    '',
    `${paint('strong', 'Strike to stable')} ${stable}, orchestration ${lengthText(clocks.orchestration)}`,
    ...columns([
      stages.map(({ name }) => name),
      stages.map(({ lengthMs }) => lengthText(lengthMs, '–')),
    ]),
    '',
    ...(environment.notes.length === 0
      ? []
      : [
          paint(
            'faint',
            "Profile fast shortens AWS's intervals: these are not a deployment's times.",
          ),
        ]),
    `${paint('strong', 'Report')} ${paths.html}`,
    `${paint(passed ? 'good' : 'bad', passed ? 'passed' : 'MISSED')}: ${verdictText(report)}`,
  ].join('\n')}\n`;
}
