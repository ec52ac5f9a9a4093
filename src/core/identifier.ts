/** The rule for ids that callers choose: transaction_id and customer_id. */

/**
 * Longest id, bytes of UTF-8. DynamoDB's limit for a partition key, of the table and of an index.
 * Source: DynamoDB developer guide, "Quotas", partition key length 1–2,048 bytes.
 */
export const IDENTIFIER_MAX_BYTES = 2_048;

/**
 * Says what is wrong with an id, or null when nothing is. Pure.
 *
 * Refused: other than a string, empty, over 2,048 bytes in UTF-8, control characters (C0, DEL, C1),
 * lone surrogates (they have no UTF-8 form, so two different ids would be stored as one), U+FFFD (what
 * API Gateway makes of bytes that are no UTF-8: the id that was meant is lost), U+FFFE and U+FFFF (SQS
 * refuses or replaces them: SendMessage, "valid characters"), white space at either end (it is lost on the way through spreadsheets and shells, and then the id is another).
 */
export function identifierFault(value: unknown): string | null {
  if (typeof value !== 'string') return 'must be a string';
  if (value === '') return 'must not be empty';
  if (!value.isWellFormed()) return 'has a lone surrogate, which has no UTF-8 form';
  const bytes = utf8Length(value);
  if (bytes > IDENTIFIER_MAX_BYTES) {
    return `is ${bytes} bytes long in UTF-8; at most ${IDENTIFIER_MAX_BYTES} are allowed`;
  }
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  const control = /[\u0000-\u001f\u007f-\u009f]/.exec(value);
  if (control !== null) return `has a control character at position ${control.index}`;
  if (value.includes('\ufffd')) return 'has U+FFFD: it was not sent as valid UTF-8';
  if (/[\ufffe\uffff]/.test(value)) return 'has U+FFFE or U+FFFF, which queues do not carry';
  if (value.trim() !== value) return 'must not begin or end with white space';
  return null;
}

/** Bytes of a well-formed string in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit <= 0xdfff)
      bytes += 2; // half of a four-byte character
    else bytes += 3;
  }
  return bytes;
}
