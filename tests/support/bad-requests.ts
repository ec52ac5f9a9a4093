/** Bodies that both /validate and /process must refuse, each with its code: used by unit and twin tests. */

import type { ErrorCode } from '#contract/errors.ts';

export interface BadRequest {
  readonly name: string;
  readonly body: string;
  readonly code: ErrorCode;
  readonly contentType?: string;
}

const GOOD = { transaction_id: 'bad-1', customer_id: 'cust-1', amount: 10, currency: 'USD' };

/** A body that is good but for `changes`; `undefined` leaves a field out. */
function but(changes: Record<string, unknown>): string {
  return JSON.stringify({ ...GOOD, ...changes });
}

/** A good body with the amount's source text as given. */
function amount(source: string): string {
  return `{"transaction_id":"bad-1","customer_id":"cust-1","amount":${source},"currency":"USD"}`;
}

function deep(levels: number): string {
  return but({ extra: 0 }).replace(
    '"extra":0',
    `"extra":${'['.repeat(levels)}${']'.repeat(levels)}`,
  );
}

const amounts: readonly (readonly [string, ErrorCode])[] = [
  ['0', 'amount_not_positive'],
  ['-0', 'amount_not_positive'],
  ['0.00', 'amount_not_positive'],
  ['0e9', 'amount_not_positive'],
  ['-5', 'amount_not_positive'],
  ['"-5"', 'amount_not_positive'],
  ['"0"', 'amount_not_positive'],
  ['-1e400', 'amount_not_positive'],
  ['true', 'invalid_amount'],
  ['null', 'invalid_amount'],
  ['[]', 'invalid_amount'],
  ['{}', 'invalid_amount'],
  ['[10]', 'invalid_amount'],
  ['""', 'invalid_amount'],
  ['"abc"', 'invalid_amount'],
  ['"NaN"', 'invalid_amount'],
  ['"Infinity"', 'invalid_amount'],
  ['" 10 "', 'invalid_amount'],
  ['"10\\n"', 'invalid_amount'],
  ['"1_000"', 'invalid_amount'],
  ['"1,000"', 'invalid_amount'],
  ['"+5"', 'invalid_amount'],
  ['"0x10"', 'invalid_amount'],
  ['"1e2"', 'invalid_amount'],
  ['"007"', 'invalid_amount'],
  ['".5"', 'invalid_amount'],
  ['"5."', 'invalid_amount'],
  ['"١٢"', 'invalid_amount'],
  ['"１２"', 'invalid_amount'],
  ['1e400', 'amount_too_large'],
  ['1e999999999999', 'amount_too_large'],
  ['9'.repeat(400), 'amount_too_large'],
  ['99999999999999999.99', 'amount_too_large'],
  ['10000000000000', 'amount_too_large'],
  ['10.001', 'amount_too_precise'],
  ['1e-3', 'amount_too_precise'],
  ['1e-999999999999', 'amount_too_precise'],
  ['"0.001"', 'amount_too_precise'],
  ['NaN', 'invalid_json'],
  ['Infinity', 'invalid_json'],
  ['01', 'invalid_json'],
  ['+1', 'invalid_json'],
  ['1.', 'invalid_json'],
  ['.5', 'invalid_json'],
  ['0x10', 'invalid_json'],
];

const ids: readonly (readonly [string, unknown])[] = [
  ['a number', 5],
  ['null', null],
  ['true', true],
  ['an array', ['a']],
  ['an object', { a: 1 }],
  ['empty', ''],
  ['white space', ' '],
  ['a leading space', ' a'],
  ['a trailing line feed', 'a\n'],
  ['NUL', 'a\u0000b'],
  ['ESC', 'a\u001bb'],
  ['DEL', 'a\u007fb'],
  ['a C1 control', 'a\u0085b'],
  ['a replacement character', 'a\ufffdb'],
  ['U+FFFE', 'a\ufffeb'],
  ['U+FFFF', 'a\uffffb'],
  ['a lone high surrogate', 'a\ud800'],
  ['a lone low surrogate', '\udc00a'],
  ['2,049 bytes of ASCII', 'a'.repeat(2_049)],
  ['2,049 bytes of two-byte characters', `a${'é'.repeat(1_024)}`],
  ['2,050 bytes of three-byte characters', `a€${'€'.repeat(682)}`],
  ['2,052 bytes of four-byte characters', '😀'.repeat(513)],
];

const currencies: readonly unknown[] = [
  '',
  'usd',
  'US',
  'USDX',
  'ZZZ',
  'XXX',
  'XAU',
  'USD ',
  '$',
  'ＵＳＤ',
  840,
  null,
  true,
  ['USD'],
  { code: 'USD' },
  '__proto__',
  'constructor',
];

export const BAD_REQUESTS: readonly BadRequest[] = [
  { name: 'an empty body', body: '', code: 'invalid_json' },
  { name: 'white space', body: '  ', code: 'invalid_json' },
  { name: 'no JSON', body: 'hello', code: 'invalid_json' },
  { name: 'form data', body: 'amount=10&currency=USD', code: 'invalid_json' },
  { name: 'XML', body: '<payment/>', code: 'invalid_json' },
  { name: 'base64 of a good body', body: btoa(but({})), code: 'invalid_json' },
  { name: 'a cut-off object', body: but({}).slice(0, -1), code: 'invalid_json' },
  { name: 'two objects', body: but({}) + but({}), code: 'invalid_json' },
  { name: 'a trailing comma', body: but({}).replace('}', ',}'), code: 'invalid_json' },
  { name: 'a comment', body: `/* hi */${but({})}`, code: 'invalid_json' },
  { name: 'single quotes', body: but({}).replaceAll('"', "'"), code: 'invalid_json' },
  { name: 'a byte order mark', body: `\ufeff${but({})}`, code: 'invalid_json' },
  {
    name: 'a raw control character',
    body: but({}).replace('cust-1', 'cu\tst'),
    code: 'invalid_json',
  },
  { name: 'a bad escape', body: but({}).replace('cust-1', 'cu\\xst'), code: 'invalid_json' },
  { name: 'null', body: 'null', code: 'invalid_body' },
  { name: 'a number', body: '5', code: 'invalid_body' },
  { name: 'a string', body: '"payment"', code: 'invalid_body' },
  { name: 'an array', body: `[${but({})}]`, code: 'invalid_body' },
  { name: 'an empty object', body: '{}', code: 'missing_field' },
  ...(['transaction_id', 'customer_id', 'amount', 'currency'] as const).map((field) => ({
    name: `no ${field}`,
    body: but({ [field]: undefined }),
    code: 'missing_field' as const,
  })),
  { name: 'an unknown field', body: but({ note: 'x' }), code: 'unknown_field' },
  {
    name: '__proto__',
    body: but({}).replace('{', '{"__proto__":{"amount":1},'),
    code: 'unknown_field',
  },
  { name: 'constructor', body: but({}).replace('{', '{"constructor":1,'), code: 'unknown_field' },
  {
    name: 'a duplicate amount',
    body: but({}).replace('{', '{"amount":1,'),
    code: 'duplicate_field',
  },
  {
    name: 'a duplicate key in an escape',
    body: but({}).replace('{', '{"\\u0061mount":1,'),
    code: 'duplicate_field',
  },
  { name: 'deep nesting', body: deep(17), code: 'nesting_too_deep' },
  { name: 'very deep nesting', body: deep(20_000), code: 'nesting_too_deep' },
  { name: 'allowed depth in an unknown field', body: deep(15), code: 'unknown_field' },
  ...amounts.map(([source, code]) => ({
    name: `amount ${source.slice(0, 24)}`,
    body: amount(source),
    code,
  })),
  {
    name: 'half a yen',
    body: but({ amount: 10.5, currency: 'JPY' }),
    code: 'amount_too_precise',
  },
  ...ids.flatMap(([name, value]) => [
    {
      name: `transaction_id: ${name}`,
      body: but({ transaction_id: value }),
      code: 'invalid_transaction_id' as const,
    },
    {
      name: `customer_id: ${name}`,
      body: but({ customer_id: value }),
      code: 'invalid_customer_id' as const,
    },
  ]),
  ...currencies.map((value) => ({
    name: `currency ${JSON.stringify(value)}`,
    body: but({ currency: value }),
    code: 'invalid_currency' as const,
  })),
  { name: '65,537 bytes', body: but({}).padEnd(65_537), code: 'body_too_large' },
  {
    name: 'text/plain',
    body: but({}),
    code: 'unsupported_media_type',
    contentType: 'text/plain',
  },
  {
    name: 'form content type',
    body: but({}),
    code: 'unsupported_media_type',
    contentType: 'application/x-www-form-urlencoded',
  },
  {
    name: 'a Latin-1 charset',
    body: but({}),
    code: 'unsupported_media_type',
    contentType: 'application/json; charset=iso-8859-1',
  },
  {
    name: 'an XML content type',
    body: but({}),
    code: 'unsupported_media_type',
    contentType: 'text/xml',
  },
];

/** Bodies that are good, with what they mean. */
export const GOOD_AMOUNTS: readonly (readonly [
  source: string,
  currency: string,
  amountMinor: bigint,
])[] = [
  ['10', 'USD', 1000n],
  ['10.0', 'USD', 1000n],
  ['10.00', 'USD', 1000n],
  ['10.000000', 'USD', 1000n],
  ['"10"', 'USD', 1000n],
  ['"10.00"', 'USD', 1000n],
  ['1e1', 'USD', 1000n],
  ['1E+1', 'USD', 1000n],
  ['1000e-2', 'USD', 1000n],
  ['0.01', 'USD', 1n],
  ['1e-2', 'USD', 1n],
  ['0.1', 'USD', 10n],
  ['99.99', 'USD', 9999n],
  ['4.35', 'USD', 435n],
  ['1.005', 'KWD', 1005n],
  ['500', 'JPY', 500n],
  ['500.0', 'JPY', 500n],
  ['9999999999999.99', 'USD', 999_999_999_999_999n],
  ['999999999999999', 'JPY', 999_999_999_999_999n],
  ['0.0001', 'CLF', 1n],
];
