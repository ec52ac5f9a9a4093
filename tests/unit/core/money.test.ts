import currencyCodes from 'currency-codes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MINOR_UNIT_DIGITS } from '#core/iso-4217.ts';
import { exceedsMajor, formatMoney, parseDecimal, toMinorUnits } from '#core/money.ts';

describe('parseDecimal and toMinorUnits', () => {
  it('agree with integer arithmetic for any amount and any way to write it', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 999_999_999_999_999n }),
        fc.constantFrom(0, 2, 3, 4),
        fc.nat(6),
        fc.integer({ min: -8, max: 8 }),
        (minor, minorDigits, zeros, shift) => {
          const digits = minor.toString().padStart(minorDigits + 1, '0');
          const whole = digits.slice(0, digits.length - minorDigits);
          const fraction = digits.slice(digits.length - minorDigits) + '0'.repeat(zeros);
          const plain = fraction === '' ? whole : `${whole}.${fraction}`;
          const scientific = `${minor}${'0'.repeat(zeros)}e${-minorDigits - zeros}`;
          const shifted =
            shift >= 0 ? `${minor}${'0'.repeat(shift)}e${-minorDigits - shift}` : plain;
          for (const text of [plain, scientific, shifted]) {
            const decimal = parseDecimal(text, 'number');
            expect(decimal).not.toBeNull();
            if (decimal === null) return;
            expect(toMinorUnits(decimal, minorDigits)).toEqual({
              kind: 'exact',
              amountMinor: minor,
            });
          }
        },
      ),
    );
  });

  it.each([
    ['9999999999999.99', 2, 'exact'],
    ['10000000000000.00', 2, 'too_large'],
    ['999999999999999', 0, 'exact'],
    ['1000000000000000', 0, 'too_large'],
    ['0.005', 2, 'too_precise'],
    ['1e-400', 2, 'too_precise'],
    ['1e400', 2, 'too_large'],
  ])('%s with %i decimals is %s', (text, minorDigits, kind) => {
    const decimal = parseDecimal(text, 'number');
    expect(decimal && toMinorUnits(decimal, minorDigits).kind).toBe(kind);
  });

  it('takes a number with a million zeros in its stride', () => {
    const decimal = parseDecimal(`1${'0'.repeat(60_000)}1${'0'.repeat(60_000)}`, 'number');
    expect(decimal && toMinorUnits(decimal, 2).kind).toBe('too_large');
  });
});

describe('formatMoney', () => {
  it.each([
    [1n, 'USD', '0.01'],
    [10n, 'USD', '0.10'],
    [1050n, 'USD', '10.50'],
    [500n, 'JPY', '500'],
    [1n, 'KWD', '0.001'],
    [1n, 'CLF', '0.0001'],
  ])('writes %s %s as %s', (amountMinor, currency, text) => {
    expect(formatMoney({ amountMinor, currency })).toBe(text);
  });

  it('is read back exactly', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 999_999_999_999_999n }),
        fc.constantFrom(...MINOR_UNIT_DIGITS.keys()),
        (amountMinor, currency) => {
          const decimal = parseDecimal(formatMoney({ amountMinor, currency }), 'string');
          const minorDigits = MINOR_UNIT_DIGITS.get(currency) ?? -1;
          expect(decimal && toMinorUnits(decimal, minorDigits)).toEqual({
            kind: 'exact',
            amountMinor,
          });
        },
      ),
    );
  });
});

describe('exceedsMajor', () => {
  it.each([
    [1_000_000n, 'USD', false],
    [1_000_001n, 'USD', true],
    [10_000n, 'JPY', false],
    [10_001n, 'JPY', true],
  ])('%s %s above 10,000 major units: %s', (amountMinor, currency, expected) => {
    expect(exceedsMajor({ amountMinor, currency }, 10_000n)).toBe(expected);
  });
});

describe('MINOR_UNIT_DIGITS', () => {
  it('is the published ISO 4217 list, but for the codes that are left out or newer', () => {
    const published = new Map(currencyCodes.data.map(({ code, digits }) => [code, digits]));
    const notPayable = 'XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX'.split(' ');
    const withdrawnSince = ['ANG', 'BGN', 'CUC'];
    const addedSince = new Map([['XCG', 2]]);
    for (const code of [...notPayable, ...withdrawnSince]) published.delete(code);
    expect(new Map(MINOR_UNIT_DIGITS)).toEqual(new Map([...published, ...addedSince]));
  });
});
