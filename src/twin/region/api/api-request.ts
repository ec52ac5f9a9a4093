/** A request as the REST API sees it, and what every answer to it may say about it. */

import type { IncomingHttpHeaders } from 'node:http';

export interface ApiRequest {
  readonly httpMethod: string;
  /** Path without the query, percent-encoded, starting with `/`. */
  readonly path: string;
  /** After the `?`, percent-encoded; empty when there is none. */
  readonly query: string;
  /** `HTTP/1.1` */
  readonly protocol: string;
  readonly sourceIp: string;
  /** Name, value, name, value, … as sent. */
  readonly rawHeaders: readonly string[];
  /** By lower-case name. */
  readonly headers: IncomingHttpHeaders;
  /** Null: longer than `BODY_LIMIT_BYTES`, and not read. */
  readonly body: Buffer | null;
}

export interface ApiAnswer {
  readonly status: number;
  /** Name, value, name, value, …; a name may repeat. */
  readonly headers: readonly string[];
  readonly body: string | Buffer;
}

/** Largest request body. Source: API Gateway quotas for REST APIs, payload size. */
export const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

/**
 * Largest sum of the request line and all header values.
 * Source: API Gateway quotas for REST APIs. The status of the refusal is unpublished; 431 is
 * what callers report.
 */
export const HEADERS_LIMIT_BYTES = 10_240;

/** Facts of one request, for `$context` variables and for the event that the function gets. */
export interface RequestContext {
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly accountId: string;
  readonly apiId: string;
  readonly stage: string;
  readonly httpMethod: string;
  /** As requested, with the stage if the caller wrote it. */
  readonly path: string;
  /** Null until the request is routed. */
  readonly resourcePath: string | null;
  readonly protocol: string;
  readonly domainName: string;
  readonly sourceIp: string;
  readonly userAgent: string | null;
  readonly requestTimeEpochMs: number;
}

/** `2015-04-09T12:34:56Z` → `09/Apr/2015:12:34:56 +0000`, the form of `$context.requestTime`. */
export function formatRequestTime(epochMs: number): string {
  // Always "Thu, 09 Apr 2015 12:34:56 GMT".
  const utc = new Date(epochMs).toUTCString();
  return `${utc.slice(5, 7)}/${utc.slice(8, 11)}/${utc.slice(12, 16)}:${utc.slice(17, 25)} +0000`;
}
