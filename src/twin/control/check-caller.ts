/** Keeps web pages from elsewhere from driving the twin through the browser of whoever runs it. */

import type { IncomingHttpHeaders } from 'node:http';
import type { Problem } from './send-problem.ts';

/**
 * Judges who may be calling; null lets the request in. Pure.
 *
 * Host must be a loopback name: a page whose own name was rebound to 127.0.0.1 sends that name.
 * Origin, which browsers send with every request that changes something, must be the control server
 * itself. A body must be application/json, which a plain HTML form can't send.
 */
export function checkCaller(method: string, headers: IncomingHttpHeaders): Problem | null {
  const { host, origin } = headers;
  if (host === undefined || !isLoopback(host)) {
    return forbidden('Host must be localhost, 127.0.0.1 or [::1], with the port.');
  }
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    return forbidden('Only the control server’s own page may call it from a browser.');
  }
  if (method === 'POST' && mediaTypeOf(headers['content-type']) !== 'application/json') {
    return {
      status: 415,
      code: 'unsupported_media_type',
      title: 'Content-Type must be application/json',
      detail: 'Send Content-Type: application/json.',
    };
  }
  return null;
}

function forbidden(detail: string): Problem {
  return { status: 403, code: 'forbidden_caller', title: 'Caller not allowed', detail };
}

function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/:\d{1,5}$/, '');
  return name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
}

function mediaTypeOf(contentType: string | undefined): string | undefined {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase();
}
