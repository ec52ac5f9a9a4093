/** Takes the text of a JSON body out of an event, or says why it can't. */

import type { RequestFault } from '#core/request-members.ts';
import { type ApiEvent, headerOf } from './api-event.ts';

/** Longest body, bytes. A payment with the longest ids, every character escaped, has about 27,000. */
export const BODY_MAX_BYTES = 65_536;

export type RequestBody =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refused'; readonly fault: RequestFault };

/** `application/json` or any `+json` type; of its parameters only a UTF-8 charset. */
const JSON_MEDIA_TYPE =
  /^application\/(?:[a-z0-9!#$&^_.+-]+\+)?json\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?;?$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Checks content type, size and encoding, in this order. A missing Content-Type counts as JSON, so that
 * a direct invocation with only a body works. Pure; never throws.
 */
export function readBody(event: ApiEvent): RequestBody {
  const contentType = headerOf(event, 'content-type');
  if (contentType !== null && !JSON_MEDIA_TYPE.test(contentType.trim())) {
    return { kind: 'refused', fault: { code: 'unsupported_media_type' } };
  }
  const body = event.body ?? '';
  if (typeof body !== 'string') return { kind: 'refused', fault: { code: 'invalid_body' } };
  if (body === '') {
    return {
      kind: 'refused',
      fault: { code: 'invalid_json', detail: 'The body is empty. Send one JSON object.' },
    };
  }
  return event.isBase64Encoded === true ? decode(body) : bounded(body);
}

function decode(body: string): RequestBody {
  if (body.length > (BODY_MAX_BYTES * 4) / 3 + 4) return tooLarge();
  if (!BASE64.test(body)) return { kind: 'refused', fault: { code: 'invalid_encoding' } };
  try {
    return bounded(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body, 'base64')));
  } catch {
    return { kind: 'refused', fault: { code: 'invalid_encoding' } };
  }
}

function bounded(text: string): RequestBody {
  return Buffer.byteLength(text) > BODY_MAX_BYTES ? tooLarge() : { kind: 'text', text };
}

function tooLarge(): RequestBody {
  return { kind: 'refused', fault: { code: 'body_too_large' } };
}
