/** Plots of figures over time as inline SVG: no script, colours from the page's style. Pure. */

import { escapeHtml } from './html-text.ts';

export interface PlotLine {
  readonly name: string;
  /** Class of the page's style that colours it. */
  readonly tone: string;
  /** `dashed` tells lines apart without their colours. */
  readonly dashed?: boolean;
  /** Fills down to the axis. */
  readonly filled?: boolean;
  /** x in seconds; null: nothing was measured, and the line breaks. */
  readonly points: readonly (readonly [x: number, y: number | null])[];
}

export interface PlotMark {
  readonly x: number;
  readonly text: string;
}

export interface Plot {
  readonly title: string;
  readonly lines: readonly PlotLine[];
  readonly marks: readonly PlotMark[];
  /** Of the x axis, seconds. */
  readonly from: number;
  readonly to: number;
  /** `share`: 0 to 100 %. `log`: milliseconds, each decade as high. `count`: from 0 up. */
  readonly scale: 'share' | 'log' | 'count';
}

const WIDTH = 960;
const HEIGHT = 190;
const LEFT = 58;
const RIGHT = 16;
const TOP = 14;
const BOTTOM = 28;

/** A figure with its caption and legend. */
export function renderPlot(plot: Plot): string {
  const x = (seconds: number): number =>
    LEFT + ((seconds - plot.from) / Math.max(1, plot.to - plot.from)) * (WIDTH - LEFT - RIGHT);
  const { y, ticks } = yScale(plot);
  const grid = ticks.map(
    ({ value, text }) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${round(y(value))}" y2="${round(y(value))}"/>` +
      `<text class="tick" x="${LEFT - 8}" y="${round(y(value) + 4)}" text-anchor="end">${text}</text>`,
  );
  const times = timeTicks(plot.from, plot.to).map(
    (seconds) =>
      `<text class="tick" x="${round(x(seconds))}" y="${HEIGHT - 8}" text-anchor="middle">${seconds} s</text>`,
  );
  const marks = plot.marks.map(
    (mark) =>
      `<line class="mark" x1="${round(x(mark.x))}" x2="${round(x(mark.x))}" y1="${TOP}" y2="${HEIGHT - BOTTOM}">` +
      `<title>${escapeHtml(mark.text)}</title></line>`,
  );
  const lines = plot.lines.map((line) => renderLine(line, x, y, y(ticks[0]?.value ?? 0)));
  const legend = plot.lines
    .map(
      ({ name, tone, dashed }) =>
        `<span class="key"><svg viewBox="0 0 26 10" width="26" height="10" aria-hidden="true"><line class="line ${tone}${
          dashed === true ? ' dashed' : ''
        }" x1="1" x2="25" y1="5" y2="5"/></svg>${escapeHtml(name)}</span>`,
    )
    .join('');
  return (
    `<figure><figcaption>${escapeHtml(plot.title)}<span class="legend">${legend}</span></figcaption>` +
    `<svg class="plot" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(plot.title)}">` +
    `${grid.join('')}${times.join('')}${marks.join('')}${lines.join('')}</svg></figure>`
  );
}

function renderLine(
  { name, tone, dashed, filled, points }: PlotLine,
  x: (seconds: number) => number,
  y: (value: number) => number,
  bottom: number,
): string {
  const style = `${tone}${dashed === true ? ' dashed' : ''}`;
  return runsOf(points)
    .map((run) => {
      const path = run.map(([at, value]) => `${round(x(at))} ${round(y(value))}`).join('L');
      const [first] = run;
      const last = run.at(-1);
      if (first === undefined || last === undefined) return '';
      const title = `<title>${escapeHtml(name)}</title>`;
      if (run.length === 1) {
        return `<circle class="dot ${tone}" cx="${round(x(first[0]))}" cy="${round(y(first[1]))}" r="2.2">${title}</circle>`;
      }
      const area = `M${path}L${round(x(last[0]))} ${round(bottom)}L${round(x(first[0]))} ${round(bottom)}Z`;
      return (
        (filled === true ? `<path class="area ${tone}" d="${area}"/>` : '') +
        `<path class="line ${style}" d="M${path}">${title}</path>`
      );
    })
    .join('');
}

/** Stretches without a gap. */
function runsOf(points: PlotLine['points']): readonly (readonly [number, number])[][] {
  const runs: [number, number][][] = [];
  let isOpen = false;
  for (const [at, value] of points) {
    if (value === null) {
      isOpen = false;
      continue;
    }
    if (isOpen) runs.at(-1)?.push([at, value]);
    else runs.push([[at, value]]);
    isOpen = true;
  }
  return runs;
}

interface Tick {
  readonly value: number;
  readonly text: string;
}

function yScale({ scale, lines }: Plot): {
  readonly y: (value: number) => number;
  readonly ticks: readonly Tick[];
} {
  const height = HEIGHT - TOP - BOTTOM;
  const place = (share: number): number => TOP + (1 - Math.min(1, Math.max(0, share))) * height;
  const values = lines.flatMap(({ points }) =>
    points.flatMap(([, value]) => (value === null ? [] : [value])),
  );
  const max = Math.max(1, ...values);
  switch (scale) {
    case 'share':
      return {
        y: (value) => place(value),
        ticks: [0, 0.5, 1].map((value) => ({ value, text: `${value * 100} %` })),
      };
    case 'log': {
      const top = Math.max(2, Math.ceil(Math.log10(max)));
      return {
        y: (value) => place(Math.log10(Math.max(1, value)) / top),
        ticks: Array.from({ length: top + 1 }, (_unused, decade) => ({
          value: 10 ** decade,
          text: decade < 3 ? `${10 ** decade} ms` : `${10 ** (decade - 3)} s`,
        })),
      };
    }
    case 'count': {
      const top = max <= 4 ? 4 : Math.ceil(max / 4) * 4;
      return {
        y: (value) => place(value / top),
        ticks: [0, 0.5, 1].map((share) => ({ value: share * top, text: String(share * top) })),
      };
    }
  }
}

/** Some ten round times, the strike (0) among them. */
export function timeTicks(from: number, to: number): readonly number[] {
  const rough = Math.max(1, (to - from) / 10);
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_200].find((one) => one >= rough) ?? 3_600;
  const first = Math.ceil(from / step) * step;
  const count = Math.max(0, Math.floor((to - first) / step) + 1);
  return Array.from({ length: count }, (_unused, index) => first + index * step);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
