/** The front door of the package. */

export type { HoldfastClientOptions, HoldfastEndpoint } from './client-options.ts';
export type { ClientCode, ErrorCode, RetryAdvice, ServerCode } from './error-codes.ts';
export {
  type CallOptions,
  createHoldfastClient,
  type HoldfastClient,
  type HoldfastResult,
  type RegionHealth,
} from './holdfast-client.ts';
export {
  type Attempt,
  HoldfastError,
  type HoldfastErrorFields,
  type Outcome,
} from './holdfast-error.ts';
export type { Clock, Sleep } from './system.ts';
export type * from './wire.ts';
