/** Whether a request that failed can have reached anybody. */

/**
 * The connection was never made: no such name, nobody there, or a certificate that was refused. Whatever
 * fails in `connect` belongs here too. Sources: Node.js documentation, "Common system errors" and "X509
 * certificate error codes"; undici documentation, "Errors".
 */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/**
 * Reads what `fetch` threw: `refused` when nothing was sent for certain, else `broken`. Pure; never throws.
 *
 * A browser tells nobody why a request failed: there everything is `broken`, and so possibly carried out.
 */
export function connectionFault(error: unknown): 'refused' | 'broken' {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  // A name with several addresses fails with one error for each of them.
  const parts: readonly unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
  return parts.length > 0 && parts.every(neverConnected) ? 'refused' : 'broken';
}

function neverConnected(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  return syscall === 'connect' || (typeof code === 'string' && NEVER_CONNECTED.has(code));
}
