/** Where the parts of a twin listen, all on 127.0.0.1, counted up from one base port. */

export interface TwinPorts {
  readonly entry: number;
  /** By Region name. */
  readonly regions: Readonly<Record<string, number>>;
  readonly aws: number;
  readonly control: number;
  /** UDP and TCP. */
  readonly dns: number;
}

/** URLs, but for `dns`, which is `127.0.0.1:<port>`. */
export interface TwinAddresses {
  readonly entry: string;
  /** By Region name. */
  readonly regions: Readonly<Record<string, string>>;
  readonly aws: string;
  readonly control: string;
  readonly dns: string;
}

export const LOOPBACK = '127.0.0.1';
export const DEFAULT_BASE_PORT = 8080;
/** The base port P itself and the five after it, all within what TCP has. */
export const BASE_PORT_RANGE = { min: 1_024, max: 65_530 } as const;
const REGIONS_MAX = 2;

/**
 * Ports from the base port P: the global entry P, the Regions P+1 and P+2, AWS P+3, control P+4,
 * DNS P+5. Pure. Throws on a base port out of range and on more than two Regions.
 */
export function portsFrom(basePort: number, regions: readonly string[]): TwinPorts {
  const { min, max } = BASE_PORT_RANGE;
  if (!Number.isInteger(basePort) || basePort < min || basePort > max) {
    throw new RangeError(`the base port must be a whole number from ${min} to ${max}: ${basePort}`);
  }
  if (regions.length === 0 || regions.length > REGIONS_MAX) {
    throw new RangeError(`a twin runs one or two Regions, not ${regions.length}`);
  }
  return {
    entry: basePort,
    regions: Object.fromEntries(regions.map((region, index) => [region, basePort + 1 + index])),
    aws: basePort + 3,
    control: basePort + 4,
    dns: basePort + 5,
  };
}

export function addressesOf(ports: TwinPorts): TwinAddresses {
  return {
    entry: urlOf(ports.entry),
    regions: Object.fromEntries(
      Object.entries(ports.regions).map(([region, port]) => [region, urlOf(port)]),
    ),
    aws: urlOf(ports.aws),
    control: urlOf(ports.control),
    dns: `${LOOPBACK}:${ports.dns}`,
  };
}

function urlOf(port: number): string {
  return `http://${LOOPBACK}:${port}`;
}
