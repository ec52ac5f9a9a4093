/**
 * A run as one HTML page that needs nothing else: lanes over a time axis, faults as bands, messages as lines.
 *
 * It fetches nothing, and its policy lets nothing run but its own script. Pure.
 */

import { createHash } from 'node:crypto';
import type { Fault, PlannedFault } from '#sim/faults/fault-spec.ts';
import { LANES, type Lane, type TraceEvent } from '#sim/kernel/trace.ts';
import type { SimResult } from '#sim/sim-result.ts';
import { INVARIANTS } from '#sim/violation.ts';
import { plain } from '../terminal.ts';
import { isAbout, transactionsIn } from './choose-events.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';
import { faultText, renderPlan } from './render-plan.ts';
import { secondsText } from './words.ts';

const LANE_HEIGHT = 62;
const BAR_HEIGHT = 20;
const NAMES_WIDTH = 96;
const TOP = 12;
const AXIS_HEIGHT = 26;
/** Drawn as bands and uprights, not as messages. */
const DRAWN_APART: ReadonlySet<string> = new Set(['fault', 'heal', 'violation']);
/** Pixels for a second, until the reader stretches it. */
const SCALE = { min: 2, max: 400, first: 12 };
const TICK_MS = 10_000;
/** Of a process, not of a message. */
const MISHAPS: ReadonlySet<string> = new Set(['crash', 'pause', 'gave-up']);

interface Layout {
  readonly endMs: number;
  readonly height: number;
  readonly laneY: (lane: Lane) => number;
}

export function renderPage(result: SimResult, code: string): string {
  const { seed, plan, hash, violations } = result;
  const verdict =
    violations.length === 0
      ? '<p class="good">No invariant is broken.</p>'
      : violations
          .map(
            ({ invariant, message, atMs }) =>
              `<p class="bad">Invariant ${invariant} (${escape(INVARIANTS[invariant] ?? '')}) at ${secondsText(atMs)}: ${escape(message)}</p>`,
          )
          .join('\n');
  const policy = `default-src 'none'; style-src '${digest(PAGE_STYLE)}'; script-src '${digest(PAGE_SCRIPT)}'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Seed ${seed}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<h1>Seed ${seed}</h1>
<p class="soft">${escape(code)}, hash ${escape(hash)}</p>
${verdict}
<div class="controls">
<label>Transaction <select id="filter"><option value="">all</option>${options(result.trace)}</select></label>
<label>Time <input id="scale" type="range" min="${SCALE.min}" max="${SCALE.max}" value="${SCALE.first}"></label>
</div>
${chartOf(result)}
<h2>Events of the transaction</h2>
<ol id="list"></ol>
<p class="soft" id="none">Choose a transaction above to read what became of it.</p>
<h2>Plan</h2>
<pre>${escape(renderPlan(plan, plain))}</pre>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

function options(trace: readonly TraceEvent[]): string {
  return transactionsIn(trace)
    .map((id) => `<option value="${escape(id)}">${escape(id)}</option>`)
    .join('');
}

function chartOf(result: SimResult): string {
  const { plan, trace, violations, virtualMs } = result;
  const lanesTop = TOP + plan.faults.length * BAR_HEIGHT + 24;
  const layout: Layout = {
    endMs: virtualMs,
    height: lanesTop + LANES.length * LANE_HEIGHT + AXIS_HEIGHT,
    laneY: (lane) => lanesTop + LANES.indexOf(lane) * LANE_HEIGHT,
  };
  const names = LANES.map(
    (lane) => `<text x="8" y="${layout.laneY(lane) + 4}">${lane}</text>`,
  ).join('');
  const rails = LANES.map((lane) => {
    const y = layout.laneY(lane);
    return `<line class="lane" x1="0" x2="100%" y1="${y}" y2="${y}"/>`;
  }).join('');
  const drawn = [
    rails,
    ticks(layout),
    ...plan.faults.map((fault, index) => faultBar(fault, index, plan.safetyMs, layout)),
    ...trace.filter(({ what }) => what === 'append').map((event) => moveLine(event, layout)),
    ...violations.map(({ invariant, message, atMs }) =>
      upright('violation', atMs, `invariant ${invariant}: ${message}`, layout),
    ),
    messageLines(trace, layout),
  ];
  const width = Math.ceil((virtualMs / 1_000) * SCALE.first) + 40;
  return `<div class="frame">
<svg class="names" width="${NAMES_WIDTH}" height="${layout.height}">${names}</svg>
<div class="scroll"><svg id="chart" role="img" aria-label="Course of the run" data-end="${virtualMs}" width="${width}" height="${layout.height}">
${drawn.join('\n')}
</svg></div>
</div>`;
}

function faultBar(
  fault: PlannedFault,
  index: number,
  safetyMs: number,
  { endMs, laneY }: Layout,
): string {
  const { atMs, forMs } = fault;
  // What is to be healed is healed when the safety phase ends, at the latest.
  const untilMs = forMs === null ? endMs : Math.min(atMs + forMs, Math.max(atMs, safetyMs));
  const length = Math.max(0, untilMs - atMs);
  const y = TOP + index * BAR_HEIGHT;
  const times = forMs === null ? 'for good' : `for ${secondsText(forMs)}`;
  const title = `<title>${escape(`${faultText(fault)}, at ${secondsText(atMs)} ${times}`)}</title>`;
  const box = (kind: string, top: number, height: number): string =>
    `<rect class="${kind}" data-t="${atMs}" data-l="${length}" x="${x(atMs)}" width="${x(length)}" y="${top}" height="${height}">${title}</rect>`;
  const region = regionOf(fault);
  const band = region === null ? '' : box('band', laneY(region) - LANE_HEIGHT / 2, LANE_HEIGHT);
  const text = `<text data-t="${atMs}" x="${x(atMs)}" y="${y + 13}">${escape(faultText(fault))}</text>`;
  return `${band}${box('bar', y, BAR_HEIGHT - 4)}${text}`;
}

function regionOf(fault: Fault): Lane | null {
  return 'region' in fault ? fault.region : null;
}

function moveLine(event: TraceEvent, layout: Layout): string {
  const { atMs, about, outcome } = event;
  const label = `<text class="move-text" data-t="${atMs}" x="${x(atMs)}" y="${layout.laneY('client') - 10}">${escape(about)}</text>`;
  return `${upright('move', atMs, `append ${about}: ${outcome}`, layout)}${label}`;
}

function upright(kind: string, atMs: number, title: string, { height }: Layout): string {
  return `<line class="${kind}" data-t="${atMs}" x1="${x(atMs)}" x2="${x(atMs)}" y1="${TOP}" y2="${height - AXIS_HEIGHT}"><title>${escape(title)}</title></line>`;
}

/** Each at the moment of which it tells; a transaction's carry its id. */
function messageLines(trace: readonly TraceEvent[], { laneY }: Layout): string {
  const idOf = transactionOf(trace);
  return trace
    .filter(({ what }) => !DRAWN_APART.has(what))
    .map((event) => {
      const { atMs, from, to, what, about, outcome } = event;
      const isLost = outcome === 'lost' || outcome === 'answer lost';
      const kind = isLost ? 'm lost' : MISHAPS.has(what) ? 'm mishap' : 'm';
      const way = from === to ? from : `${from} → ${to}`;
      const said = [what, about, outcome].filter(Boolean).join(' ');
      const title = `<title>${escape(`${(atMs / 1_000).toFixed(3)}  ${way}  ${said}`)}</title>`;
      const at = `class="${kind}" data-t="${atMs}" data-a="${escape(idOf(about))}"`;
      return from === to
        ? `<circle ${at} cx="${x(atMs)}" cy="${laneY(to)}" r="3">${title}</circle>`
        : `<line ${at} x1="${x(atMs)}" x2="${x(atMs)}" y1="${laneY(from)}" y2="${laneY(to)}">${title}</line>`;
    })
    .join('\n');
}

function transactionOf(trace: readonly TraceEvent[]): (about: string) => string {
  const ids = transactionsIn(trace);
  const known = new Map<string, string>();
  return (about) => {
    let id = known.get(about);
    if (id === undefined) {
      // The longest: one id may begin with another.
      const found = ids.filter((one) => isAbout({ about }, one));
      id = found.toSorted((one, two) => two.length - one.length)[0] ?? '';
      known.set(about, id);
    }
    return id;
  };
}

function ticks({ endMs, height }: Layout): string {
  return Array.from({ length: Math.floor(endMs / TICK_MS) + 1 }, (_unused, index) => {
    const atMs = index * TICK_MS;
    return `<text class="tick" data-t="${atMs}" x="${x(atMs)}" y="${height - 8}">${atMs / 1_000} s</text>`;
  }).join('');
}

/** Before the reader has stretched it. */
function x(ms: number): number {
  return Math.round((ms / 1_000) * SCALE.first * 100) / 100;
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
