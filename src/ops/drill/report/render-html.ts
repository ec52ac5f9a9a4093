/** A drill's report as one HTML page that needs nothing else: no script, no file beside it. Pure. */

import { RPO_KINDS } from '../analysis/judge-payments.ts';
import type { SecondFigures } from '../analysis/series.ts';
import { CLIENT_KINDS, CLIENT_NAMES, type ClientKind } from '../drill-event.ts';
import type { DrillReport } from './drill-report.ts';
import { escapeHtml, htmlTable, type Markup, pill } from './html-text.ts';
import { type Plot, type PlotLine, renderPlot } from './plot.ts';
import { marksOf, renderTimeline } from './render-timeline.ts';
import { REPORT_STYLE } from './report-style.ts';
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
const LISTED_MAX = 200;
const CLIENT_TONES: Readonly<Record<ClientKind, string>> = {
  dns: 'blue',
  pinned: 'orange',
  retrying: 'teal',
};
/** What is longer is a sentence, and set as one. */
const FIGURE_LENGTH_MAX = 24;
const REGION_TONES = ['violet', 'teal'] as const;

export function renderHtml(report: DrillReport): string {
  const { scenario } = report;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Drill ${escapeHtml(scenario.name)}: ${report.passed ? 'passed' : 'missed'}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<main>
${headerOf(report)}
${section('Course', pictures(report))}
${section('Recovery time', recovery(report))}
${section('Clients', clients(report))}
${section('Payments', payments(report))}
${section('Transitions', transitions(report))}
${section('Checks afterwards', checks(report))}
${section('What was done and seen', happenings(report))}
${section('Environment', htmlTable(['', ''], environmentRows(report)))}
</main>
</body>
</html>
`;
}

function section(title: string, body: string): string {
  return `<section><h2>${escapeHtml(title)}</h2>\n${body}\n</section>`;
}

function headerOf(report: DrillReport): string {
  const { scenario, passed, environment, objectives } = report;
  const cards = objectives.map(
    ({ name, objective, measured, met }) =>
      `<div class="card ${met ? 'good' : 'bad'}"><div class="name">${escapeHtml(name)} ${
        pill(met ? 'good' : 'bad', met ? 'met' : 'missed').html
      }</div><div class="figure${
        measured.length > FIGURE_LENGTH_MAX ? ' long' : ''
      }">${escapeHtml(measured)}</div><div class="bound">${escapeHtml(objective)}</div></div>`,
  );
  const notes =
    environment.notes.length === 0
      ? ''
      : `<div class="note"><strong>Profile fast.</strong> It shortens AWS’s intervals; its times are not those of a deployment.<ul>${environment.notes
          .map((note) => `<li>${escapeHtml(note)}</li>`)
          .join('')}</ul></div>`;
  return `<header>
<p class="eyebrow">Holdfast drill · ${escapeHtml(scenario.name)} · profile ${environment.profile} · ${escapeHtml(environment.startedAt)}</p>
<h1>${escapeHtml(scenario.title)}</h1>
<p>${escapeHtml(scenario.description)}</p>
<p class="verdict">${pill(passed ? 'good' : 'bad', passed ? 'passed' : 'missed').html} ${escapeHtml(verdictText(report))}</p>
<div class="cards">
${cards.join('\n')}
</div>
${notes}
</header>`;
}

/** Timeline and plots over one axis. */
function pictures(report: DrillReport): string {
  const { series, environment } = report;
  const seconds = Object.values(series.byClient).flat();
  const from = Math.min(0, ...seconds.map(({ second }) => second));
  const to = Math.max(1, ...seconds.map(({ second }) => second + 1));
  const marks = marksOf(report);
  const draw = (title: string, scale: Plot['scale'], lines: readonly PlotLine[]): string =>
    renderPlot({ title, scale, lines, marks, from, to });
  return [
    renderTimeline(report, from, to),
    draw(
      'Payments that succeeded, each second',
      'share',
      CLIENT_KINDS.map((kind) => ({
        name: CLIENT_NAMES[kind],
        tone: CLIENT_TONES[kind],
        dashed: kind === 'pinned',
        points: points(series.byClient[kind], ({ requests, succeeded }) =>
          requests === 0 ? null : succeeded / requests,
        ),
      })),
    ),
    draw(
      'Payments by the Region that answered or was asked, each second',
      'count',
      environment.regions.map((region, index) => ({
        name: region,
        tone: REGION_TONES[index] ?? 'blue',
        filled: true,
        dashed: index > 0,
        points: points(series.byRegion[region] ?? [], ({ requests }) => requests),
      })),
    ),
    ...environment.regions.map((region, index) =>
      draw(
        `Latency in ${region}`,
        'log',
        latency(series.byRegion[region] ?? [], REGION_TONES[index] ?? 'blue'),
      ),
    ),
    ...CLIENT_KINDS.map((kind) =>
      draw(
        `Latency as the ${CLIENT_NAMES[kind]} sees it`,
        'log',
        latency(series.byClient[kind], CLIENT_TONES[kind]),
      ),
    ),
  ].join('\n');
}

function latency(figures: readonly SecondFigures[], tone: string): readonly PlotLine[] {
  return [
    { name: 'p50', tone, points: points(figures, ({ p50Ms }) => p50Ms) },
    { name: 'p99', tone, dashed: true, points: points(figures, ({ p99Ms }) => p99Ms) },
  ];
}

/** In the middle of each second. */
function points(
  figures: readonly SecondFigures[],
  of: (figures: SecondFigures) => number | null,
): PlotLine['points'] {
  return figures.map((one) => [one.second + 0.5, of(one)] as const);
}

function recovery(report: DrillReport): string {
  const marks = Object.keys(report.marks) as (keyof DrillReport['marks'])[];
  return [
    htmlTable(['clock', 'time', 'meaning'], clockRows(report)),
    '<h3>Where the time went</h3>',
    htmlTable(
      ['stage', 'took', 'over at', 'meaning'],
      report.stages.map(({ name, untilEpochMs, lengthMs }) => [
        name,
        lengthText(lengthMs),
        momentText(untilEpochMs, report),
        STAGE_MEANINGS[name],
      ]),
    ),
    '<p class="soft">Stages may overlap; each counts what it added to the ones before it.</p>',
    '<h3>Marks</h3>',
    htmlTable(
      ['mark', 'at', 'UTC', 'meaning'],
      marks.map((name) => {
        const at = report.marks[name];
        const utc = at === null ? '–' : new Date(at).toISOString();
        return [MARK_TEXTS[name], momentText(at, report), utc, MARK_MEANINGS[name]];
      }),
    ),
  ].join('\n');
}

function clients(report: DrillReport): string {
  return htmlTable(
    ['client', 'requests', 'failures', 'longest outage', 'p50', 'p99', 'slowest', 'failed with'],
    CLIENT_KINDS.map((kind) => {
      const figures = report.clients[kind];
      return [
        CLIENT_NAMES[kind],
        String(figures.requests),
        String(figures.failures),
        lengthText(figures.outageMs, 'not over'),
        millisecondsText(figures.p50Ms),
        millisecondsText(figures.p99Ms),
        millisecondsText(figures.slowestMs),
        Object.entries(figures.faults)
          .map(([fault, count]) => `${fault} ×${count}`)
          .join(', '),
      ];
    }),
  );
}

function payments(report: DrillReport): string {
  const { rpo, inDoubt } = report;
  const rows = RPO_KINDS.map((kind): readonly (string | Markup)[] => {
    const count = rpo[kind].length;
    const tone = count === 0 ? 'good' : kind === 'late' ? 'neutral' : 'bad';
    return [kind, pill(tone, String(count)), RPO_MEANINGS[kind]];
  });
  const lists = RPO_KINDS.filter((kind) => rpo[kind].length > 0).map((kind) => {
    const listed = rpo[kind].slice(0, LISTED_MAX);
    const hidden = rpo[kind].length - listed.length;
    const more = hidden > 0 ? `<p class="soft">and ${hidden} more, in the JSON report</p>` : '';
    return `<details open><summary>${kind}: ${rpo[kind].length}</summary>${htmlTable(
      ['transaction_id', 'what'],
      listed.map(({ transactionId, what }) => [
        { html: `<code>${escapeHtml(transactionId)}</code>` },
        what,
      ]),
    )}${more}</details>`;
  });
  return [
    htmlTable(['', 'payments', 'meaning'], rows),
    `<p class="soft">${inDoubt.payments} payments were left in doubt to their clients; ${inDoubt.settled} of them were settled by repeating the same request.</p>`,
    ...lists,
  ].join('\n');
}

function transitions(report: DrillReport): string {
  if (report.transitions.length === 0) return '<p>None: traffic stayed where it was.</p>';
  return htmlTable(
    ['epoch', 'at', 'change', 'traffic to', 'by', 'reason', 'evidence'],
    report.transitions.map(({ epoch, atEpochMs, change, active, actor, reason, evidence }) => [
      String(epoch),
      momentText(atEpochMs, report),
      change,
      active.join(', '),
      actor,
      reason,
      { html: `<details><summary>show</summary><code>${escapeHtml(evidence)}</code></details>` },
    ]),
  );
}

function checks(report: DrillReport): string {
  return htmlTable(
    ['check', '', 'detail'],
    report.checks.map(({ name, holds, detail }) => [
      name,
      pill(holds ? 'good' : 'bad', holds ? 'holds' : 'does not hold'),
      detail,
    ]),
  );
}

function happenings(report: DrillReport): string {
  return htmlTable(
    ['at', '', 'what'],
    report.timeline.map(({ atEpochMs, tone, text }) => [
      momentText(atEpochMs, report),
      pill(tone, tone === 'good' ? 'better' : tone === 'bad' ? 'worse' : 'change'),
      text,
    ]),
  );
}
