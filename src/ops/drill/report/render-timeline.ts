/** The course of a drill as one picture: stages as bars, marks as labelled lines. Pure. */

import type { DrillMarks } from '../analysis/marks.ts';
import type { DrillReport } from './drill-report.ts';
import { escapeHtml } from './html-text.ts';
import { type PlotMark, timeTicks } from './plot.ts';
import { lengthText, MARK_MEANINGS, MARK_TEXTS, momentText } from './words.ts';

const WIDTH = 960;
const LEFT = 58;
const RIGHT = 16;
const BAR_TOP = 18;
const BAR_HEIGHT = 30;
const LABEL_TOP = 76;
const LABEL_HEIGHT = 17;
const CHARACTER_WIDTH = 6.6;

/** The marks that were reached, in seconds from the strike. */
export function marksOf(report: DrillReport): readonly PlotMark[] {
  return markNames(report.marks).flatMap((name) => {
    const at = report.marks[name];
    if (at === null) return [];
    const text = `${MARK_TEXTS[name]} ${momentText(at, report)}`;
    return [{ x: (at - report.marks.injected) / 1_000, text }];
  });
}

/** `from`, `to`: of the time axis, seconds from the strike; the same as the plots below it. */
export function renderTimeline(report: DrillReport, from: number, to: number): string {
  const x = (seconds: number): number =>
    Math.round((LEFT + ((seconds - from) / Math.max(1, to - from)) * (WIDTH - LEFT - RIGHT)) * 10) /
    10;
  const { bars, rowsOfLabels, labels } = { bars: barsOf(report, x), ...labelsOf(report, x) };
  const axis = LABEL_TOP + rowsOfLabels * LABEL_HEIGHT + 14;
  const ticks = timeTicks(from, to).map(
    (seconds) =>
      `<text class="tick" x="${x(seconds)}" y="${axis + 6}" text-anchor="middle">${seconds} s</text>`,
  );
  return (
    '<figure><figcaption>From the strike to stable service' +
    '<span class="legend">bars: what the time went into; lines: marks</span></figcaption>' +
    `<svg class="plot" viewBox="0 0 ${WIDTH} ${axis + 14}" role="img" aria-label="Timeline of the drill">` +
    `<rect class="rail" x="${LEFT}" y="${BAR_TOP}" width="${WIDTH - LEFT - RIGHT}" height="${BAR_HEIGHT}" rx="4"/>` +
    `${bars}${labels}${ticks.join('')}</svg></figure>`
  );
}

function barsOf(report: DrillReport, x: (seconds: number) => number): string {
  let reached = 0;
  return report.stages
    .map(({ name, lengthMs }, index) => {
      if (lengthMs === null || lengthMs === 0) return '';
      const start = reached;
      reached += lengthMs / 1_000;
      const width = Math.max(1.5, x(reached) - x(start));
      const title = `<title>${escapeHtml(`${name}: ${lengthText(lengthMs)}`)}</title>`;
      const fits = width > name.length * CHARACTER_WIDTH + 8;
      const text = fits
        ? `<text class="bar-text" x="${x(start) + width / 2}" y="${BAR_TOP + 20}" text-anchor="middle">${escapeHtml(name)}</text>`
        : '';
      return (
        `<g><rect class="stage stage-${index + 1}" x="${x(start)}" y="${BAR_TOP}" width="${Math.round(width * 10) / 10}" height="${BAR_HEIGHT}">` +
        `${title}</rect>${text}</g>`
      );
    })
    .join('');
}

/** Each label in the first row in which it covers no other. */
function labelsOf(report: DrillReport, x: (seconds: number) => number) {
  const ends: number[] = [];
  const labels = markNames(report.marks)
    .flatMap((name) => {
      const at = report.marks[name];
      return at === null ? [] : [{ name, at, x: x((at - report.marks.injected) / 1_000) }];
    })
    .toSorted((a, b) => a.at - b.at)
    .map(({ name, at, x: left }) => {
      const text = `${MARK_TEXTS[name]} ${momentText(at, report)}`;
      const width = text.length * CHARACTER_WIDTH;
      const isRight = left + width > WIDTH - RIGHT;
      const from = isRight ? left - width - 6 : left;
      const free = ends.findIndex((end) => end < from - 8);
      const row = free === -1 ? ends.length : free;
      ends[row] = from + width + 6;
      const y = LABEL_TOP + row * LABEL_HEIGHT;
      return (
        `<g class="label"><title>${escapeHtml(MARK_MEANINGS[name])}</title>` +
        `<line class="mark" x1="${left}" x2="${left}" y1="${BAR_TOP - 6}" y2="${y}"/>` +
        `<circle class="mark-dot" cx="${left}" cy="${y - 4}" r="2.6"/>` +
        `<text class="mark-text" x="${isRight ? left - 6 : left + 6}" y="${y}" text-anchor="${isRight ? 'end' : 'start'}">${escapeHtml(text)}</text></g>`
      );
    });
  return { rowsOfLabels: ends.length, labels: labels.join('') };
}

function markNames(marks: DrillMarks): readonly (keyof DrillMarks)[] {
  return Object.keys(marks) as (keyof DrillMarks)[];
}
