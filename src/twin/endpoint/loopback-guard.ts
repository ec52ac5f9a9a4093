/** Keeps web pages out: the endpoint trusts whoever can reach it, and a browser reaches loopback. */

const LOOPBACK_HOST =
  /^(?:localhost|[a-z0-9.-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/**
 * Why a request is turned away, or null if it may pass. Pure.
 *
 * A foreign `Origin` is a page calling across sites; a foreign `Host` is one whose own name was
 * made to resolve to this machine (DNS rebinding). Programs on this machine send neither.
 */
export function crossSiteReason(
  origin: string | undefined,
  host: string | undefined,
): string | null {
  if (origin !== undefined && !isLoopbackOrigin(origin)) {
    return `Requests from the web page ${origin} are refused: call the twin from this machine.`;
  }
  if (host !== undefined && !LOOPBACK_HOST.test(host)) {
    return `Requests for the host ${host} are refused: use 127.0.0.1 or localhost.`;
  }
  return null;
}

function isLoopbackOrigin(origin: string): boolean {
  const found = /^https?:\/\/(.+)$/i.exec(origin);
  return found?.[1] !== undefined && LOOPBACK_HOST.test(found[1]);
}
