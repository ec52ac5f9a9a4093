/**
 * Lets a function reach the APIs of the Regions by their public names, which lead nowhere from here.
 * It runs inside the function's environment, before the function's own code.
 */

export interface EgressSettings {
  /** Region that the function runs in. */
  readonly region: string;
  /** Host names, lower case. */
  readonly hosts: readonly string[];
  /** `http://127.0.0.1:<port>` of what passes requests on. */
  readonly forwarder: string;
}

/** Says who calls whom: `<region of the caller> <host asked>`. */
export const EGRESS_HEADER = 'x-twin-egress';

/**
 * `fetch` that sends HTTPS requests for the known hosts to the forwarder, and all others as ever.
 * The answer's `url` is the forwarder's.
 */
export function createKnownHostFetch(
  original: typeof fetch,
  { region, hosts, forwarder }: EgressSettings,
): typeof fetch {
  const known = new Set(hosts);
  return (input, init) => {
    const url = urlOf(input);
    if (url === null || url.protocol !== 'https:' || url.port !== '' || !known.has(url.hostname)) {
      return original(input, init);
    }
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : {}));
    headers.set(EGRESS_HEADER, `${region} ${url.hostname}`);
    const target = `${forwarder}${url.pathname}${url.search}`;
    return input instanceof Request
      ? original(new Request(target, input), { ...init, headers })
      : original(target, { ...init, headers });
  };
}

/** Null: `fetch` itself says what is wrong with it. */
function urlOf(input: Parameters<typeof fetch>[0]): URL | null {
  return URL.parse(input instanceof Request ? input.url : String(input));
}
