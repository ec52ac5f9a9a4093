/** Messages between the supervisor and a Region's process. */

import type { MetricBatch } from '../cloudwatch/metric-batch.ts';
import type { RegionModel } from '../region-model.ts';
import type { InvocationOutcome } from './lambda/invocation.ts';

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
  /** Names by which functions reach the Regions' APIs, over the AWS endpoint's port. */
  readonly apiHosts: readonly string[];
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

/** An invocation that comes from the supervisor: an event source's, a schedule's or an API caller's. */
export interface InvokeRequest {
  readonly type: 'invoke';
  /** Of this invocation alone; the outcome carries it. */
  readonly callId: number;
  readonly functionArn: string;
  /** JSON text. */
  readonly event: string;
  /** What the function sees as its request id; a retry has that of the first attempt. */
  readonly requestId: string;
}

export type ToRegion =
  | { readonly type: 'start'; readonly config: RegionProcessConfig }
  | { readonly type: 'api-faults'; readonly faults: ApiFaults }
  | InvokeRequest
  | { readonly type: 'stop' };

export type FromRegion =
  /** Serving. `apiPort`: the port bound, also when 0 was asked for; null without a REST API. */
  | { readonly type: 'ready'; readonly apiPort: number | null }
  | {
      readonly type: 'outcome';
      readonly callId: number;
      readonly outcome: InvocationOutcome;
    }
  /** What the Region's API and functions reported since the last time. */
  | { readonly type: 'metrics'; readonly batch: MetricBatch }
  /** Startup failed: `message` is for the person who started the twin. */
  | { readonly type: 'failed'; readonly message: string };
