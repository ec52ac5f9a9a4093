/** A run as a sequence chart in text: a column for each place, a line for each event. Pure. */

import { LANES, type Lane, type TraceEvent } from '#sim/kernel/trace.ts';
import type { Paint, Tone } from '../terminal.ts';
import { shortened } from './words.ts';

/** Those that messages run between; the world itself only where it sends some. */
const USUAL: readonly Lane[] = LANES.filter((lane) => lane !== 'world');
const LANE_WIDTH = 11;
const TIME_WIDTH = 10;
const ABOUT_MAX = 44;
/** Of a message whose whole text stands with the violations. */
const MESSAGE_MAX = 80;

/** `chosen`: indexes into `trace`, ascending; what lies between is counted. */
export function renderChart(
  trace: readonly TraceEvent[],
  chosen: readonly number[],
  paint: Paint,
): string {
  const shown = chosen.flatMap((index) => trace[index] ?? []);
  const lanes = shown.some(isWorldly) ? LANES : USUAL;
  const head = lanes.map((lane) => lane.padEnd(LANE_WIDTH)).join('');
  const lines = [paint('strong', `${' '.repeat(TIME_WIDTH)}${head}`.trimEnd())];
  let next = 0;
  for (const index of chosen) {
    const event = trace[index];
    if (event === undefined) continue;
    if (index > next) lines.push(paint('faint', gapLine(index - next, lanes)));
    lines.push(eventLine(event, lanes, paint));
    next = index + 1;
  }
  if (next < trace.length) lines.push(paint('faint', gapLine(trace.length - next, lanes)));
  return `${lines.join('\n')}\n`;
}

function eventLine(event: TraceEvent, lanes: readonly Lane[], paint: Paint): string {
  const time = `${(event.atMs / 1_000).toFixed(3)}  `.padStart(TIME_WIDTH);
  if (event.what === 'violation') {
    const said = `invariant ${event.about}: ${shortened(event.outcome, MESSAGE_MAX)}`;
    return `${time}${paint('bad', `${rails(lanes)}${said}`)}`;
  }
  const tone = toneOf(event);
  const drawn = drawEvent(event, lanes);
  const named = [event.what, shortened(event.about, ABOUT_MAX)].filter(Boolean).join(' ');
  const text = `${named}${outcomeOf(event)}`;
  return `${time}${drawn}${tone === null ? text : paint(tone, text)}`;
}

/** The rails, with an arrow or a mark over them. */
function drawEvent({ from, to, what, outcome }: TraceEvent, lanes: readonly Lane[]): string {
  const cells = rails(lanes).split('');
  // To break and to heal is no message: it is a mark at the place that it is done to.
  const isMark = from === to || what === 'fault' || what === 'heal';
  const end = Math.max(0, lanes.indexOf(to)) * LANE_WIDTH;
  if (isMark) {
    cells[end] = what === 'fault' ? '▲' : what === 'heal' ? '▼' : '■';
    return cells.join('');
  }
  const start = lanes.indexOf(from) * LANE_WIDTH;
  const step = end > start ? 1 : -1;
  for (let at = start + step; at !== end; at += step) cells[at] = '─';
  cells[start] = '●';
  const isLost = outcome === 'lost' || outcome === 'answer lost';
  // Just short of its rail, so that the rail goes on.
  cells[end - step] = isLost ? '✕' : step > 0 ? '▶' : '◀';
  return cells.join('');
}

function rails(lanes: readonly Lane[]): string {
  return lanes.map(() => `│${' '.repeat(LANE_WIDTH - 1)}`).join('');
}

function gapLine(count: number, lanes: readonly Lane[]): string {
  const dots = lanes.map(() => `┆${' '.repeat(LANE_WIDTH - 1)}`).join('');
  return `${' '.repeat(TIME_WIDTH)}${dots}${count} more`;
}

function toneOf({ what, outcome }: TraceEvent): Tone | null {
  if (what === 'fault' || what === 'crash' || what === 'pause') return 'warn';
  if (what === 'heal' || what === 'append' || what === 'restart') return 'good';
  return outcome === 'lost' || outcome === 'answer lost' || outcome === 'silent' ? 'bad' : null;
}

/** What a service answered usually needs no word. */
function outcomeOf({ outcome }: TraceEvent): string {
  return outcome === '' || outcome === 'ok' ? '' : `: ${outcome}`;
}

function isWorldly({ from, to, what }: TraceEvent): boolean {
  const isMark = what === 'fault' || what === 'heal' || what === 'violation';
  return !isMark && (from === 'world' || to === 'world');
}
