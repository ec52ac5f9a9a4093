/** Order statistics of measured figures, and how they are printed. */

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** The value at or above which `share` (0…1) of the values do not lie: nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    min: Math.min(...values),
    median: percentile(values, 0.5),
    max: Math.max(...values),
  };
}

/** `median (min–max) unit` */
export function formatSpread({ min, median, max }: Spread, unit: string, digits = 0): string {
  const text = (value: number) => value.toFixed(digits);
  return `${text(median)} (${text(min)}–${text(max)}) ${unit}`;
}
