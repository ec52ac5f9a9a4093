/** The rule for the base URL of a payment gateway: what configuration, command line and adapter accept. */

const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Says what is wrong with a gateway's base URL, and how to mend it, or null when nothing is. Pure.
 *
 * Charges carry the gateway's secret: in the clear they may go to this machine only. Credentials in the
 * URL would end in templates and logs; a query or a fragment can't be a base for paths.
 */
export function gatewayUrlFault(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return 'use a URL such as https://gateway.example.com/v1';
  }
  if (url.protocol === 'http:' && !LOOPBACK_HOST.test(url.hostname)) {
    return 'use https; plain http is for a gateway on this machine only';
  }
  if (url.username !== '' || url.password !== '') {
    return 'leave the credentials out; the secret is read from Secrets Manager';
  }
  // Of the text itself: a lone `?` or `#` leaves no trace in the parsed URL.
  if (/[?#]/.test(text)) return 'leave out the query and the fragment';
  return null;
}
