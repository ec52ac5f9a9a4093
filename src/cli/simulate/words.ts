/** Numbers as people read them. Pure. */

/** `12,345`. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `0.25 s`, `12.5 s`: virtual milliseconds. */
export function secondsText(ms: number): string {
  return `${Number((ms / 1_000).toFixed(3))} s`;
}

/** `2.5 %`. */
export function shareText(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

/** The share of `part` in `whole`, to a tenth of a percent; nothing of nothing is none. */
export function percent(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Math.floor((part / whole) * 1_000) / 10} %`;
}

/** A text on one line, cut to so many characters. */
export function shortened(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}
