/**
 * A small thing to bite into instead of the simulator: an amount that the core must read
 * right, from the third seed on. `?broken`: it finds something whatever is planted.
 */

import type { Subject } from '#cli/simulate/teeth-subject.ts';

export async function loadSubject(): Promise<Subject> {
  const isBroken = new URL(import.meta.url).search === '?broken';
  const { parseDecimal, toMinorUnits } = await import('#core/money.ts');
  return async (seed) => {
    const decimal = parseDecimal('19.99', 'number');
    if (decimal === null) throw new Error('19.99 is a number');
    const minor = toMinorUnits(decimal, 2);
    const isRight = minor.kind === 'exact' && minor.amountMinor === 1_999n;
    if (seed < 3 || (isRight && !isBroken)) return [];
    return [{ invariant: 16, message: 'an amount is read as another one' }];
  };
}
