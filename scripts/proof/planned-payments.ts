/** The payments of a proof, and money as the proof itself reckons it: not by the code under test. */

export interface PlannedPayment {
  readonly transactionId: string;
  readonly customerId: string;
  /** Decimal text, as the client sends it. */
  readonly amount: string;
  readonly amountMinor: bigint;
  readonly currency: string;
}

/** Currencies with none, two and three decimals. Source: ISO 4217. */
const MINOR_DIGITS: Readonly<Record<string, number>> = { USD: 2, JPY: 0, KWD: 3 };
const CURRENCIES = Object.keys(MINOR_DIGITS);
const CUSTOMERS = 50;

/**
 * Plans `count` payments. Pure. No two of a currency have the same amount, so that a payment that took
 * another's place is noticed. `prefix`: of the ids; unlike that of any other run.
 */
export function planPayments(count: number, prefix: string): readonly PlannedPayment[] {
  return Array.from({ length: count }, (_unused, index) => {
    const currency = CURRENCIES[index % CURRENCIES.length] ?? 'USD';
    const amountMinor = BigInt(1_001 + index * 7);
    return {
      transactionId: `${prefix}-${index}`,
      customerId: `cust-${index % CUSTOMERS}`,
      amount: decimalText(amountMinor, MINOR_DIGITS[currency] ?? 0),
      amountMinor,
      currency,
    };
  });
}

/** Minor units of decimal text, or null where that is none of a known currency. Pure. */
export function minorUnits(amount: string, currency: string): bigint | null {
  const digits = MINOR_DIGITS[currency];
  const [, whole, fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(amount) ?? [];
  if (digits === undefined || whole === undefined || fraction.length !== digits) return null;
  return BigInt(whole + fraction);
}

function decimalText(amountMinor: bigint, digits: number): string {
  if (digits === 0) return String(amountMinor);
  const text = String(amountMinor).padStart(digits + 1, '0');
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
