/** Reads queue addresses as callers give them. */

/**
 * The queue's name, or null when `url` can't be a queue of this account in this Region. Pure.
 *
 * `url` is `<scheme>://<any host>/<account>/<name>`; the host is the twin's, or AWS's as templates
 * and environment variables have it (`sqs.us-east-1.amazonaws.com`), and then its Region counts.
 */
export function queueNameOf(
  url: string,
  place: { readonly region: string; readonly accountId: string },
): string | null {
  const found = /^(?:https?:\/\/([^/]+))?\/(\d{12})\/([A-Za-z0-9_-]+(?:\.fifo)?)$/.exec(url);
  if (found === null) return null;
  const [, host = '', account, name] = found;
  const region = /^(?:sqs|queue)\.([a-z0-9-]+)\.|^([a-z0-9-]+)\.queue\./.exec(host);
  const hostRegion = region?.[1] ?? region?.[2];
  if (hostRegion !== undefined && hostRegion !== 'amazonaws' && hostRegion !== place.region) {
    return null;
  }
  return account === place.accountId ? (name ?? null) : null;
}
