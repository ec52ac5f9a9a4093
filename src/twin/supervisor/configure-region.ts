/** What a Region's process is told when it starts. */

import { join } from 'node:path';
import type { TwinAddresses, TwinPorts } from '../control/addresses.ts';
import type { RegionProcessConfig } from '../region/protocol.ts';
import type { RegionModel } from '../region-model.ts';
import type { IssuedCredentials } from './function-credentials.ts';

/**
 * The configuration of one Region's process. `logDirectory`: the parent of the Regions' folders. Pure.
 *
 * Without the secrets: the supervisor answers for them, and only to roles that may read them. What the
 * process has in memory, every function in it could read.
 */
export function configureRegion(options: {
  readonly model: RegionModel;
  readonly ports: TwinPorts;
  readonly addresses: TwinAddresses;
  readonly credentials: IssuedCredentials;
  /** Names of the APIs of all Regions. */
  readonly apiHosts: readonly string[];
  readonly logDirectory: string;
}): RegionProcessConfig {
  const { model, ports, addresses, credentials, logDirectory } = options;
  const { region } = model;
  return {
    model: { ...model, secrets: [] },
    apiPort: ports.regions[region] ?? 0,
    awsEndpoint: addresses.aws,
    apiHosts: options.apiHosts,
    credentials: credentials.byRegion.get(region) ?? {},
    logDirectory: join(logDirectory, region),
  };
}
