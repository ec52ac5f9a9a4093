/** Messages between the supervisor and a Region's process. */

import type { RegionModel } from '../region-model.ts';

export interface FunctionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface RegionProcessConfig {
  readonly model: RegionModel;
  /** Port of the REST API on 127.0.0.1; 0 lets the system choose. */
  readonly apiPort: number;
  /** `http://127.0.0.1:<port>` of the AWS endpoint. */
  readonly awsEndpoint: string;
  /** By function name. */
  readonly credentials: Readonly<Record<string, FunctionCredentials>>;
  /** Folder for `<function>.log`, one JSON or EMF line each; created if absent. */
  readonly logDirectory: string;
}

/** Faults on the Region's own API: rates in 0…1, latency in milliseconds. */
export interface ApiFaults {
  readonly latencyMs: number;
  readonly errorRate: number;
  readonly throttleRate: number;
}

export type ToRegion =
  | { readonly type: 'start'; readonly config: RegionProcessConfig }
  | { readonly type: 'api-faults'; readonly faults: ApiFaults }
  | { readonly type: 'stop' };

export type FromRegion =
  /** Serving. `apiPort`: the port bound, also when 0 was asked for; null without a REST API. */
  | { readonly type: 'ready'; readonly apiPort: number | null }
  /** Startup failed: `message` is for the person who started the twin. */
  | { readonly type: 'failed'; readonly message: string };
