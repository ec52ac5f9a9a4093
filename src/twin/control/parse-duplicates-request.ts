/** Reads whether a queue's messages shall be delivered twice off a JSON body. */

import { QueueRequestError } from '../messaging/queue-request-error.ts';

/** Reads `{"on": <boolean>}`; throws `QueueRequestError` for anything else. */
export function parseDuplicatesRequest(body: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new QueueRequestError('The body is not valid JSON.');
  }
  const on = typeof value === 'object' && value !== null && 'on' in value ? value.on : undefined;
  if (typeof on !== 'boolean') {
    throw new QueueRequestError('The body must be {"on":true} or {"on":false}.');
  }
  return on;
}
