/** The faults that must be survived, by the numbers of the fault table in docs/simulator.md. */

export const FAULTS = {
  F1: 'Region isolated',
  F2: 'one-way partition',
  F3: 'Region cut off from the witness',
  F4: 'clients cut off from a Region',
  F5: 'messages lost',
  F6: 'messages reordered',
  F7: 'messages duplicated',
  F8: 'grey Region: slow, with a green health check',
  F9: 'process crash between two awaits',
  F10: 'process paused, resumed with old beliefs',
  F11: 'restart loop',
  F12: 'slow replica',
  F13: 'ambiguous write: applied, answer lost',
  F14: 'replicated write conflict',
  F15: 'throttling',
  F16: 'queue delivers twice and out of order',
  F17: 'visibility timeout while processing',
  F18: 'poison message',
  F19: 'stale DNS',
  F20: 'control plane down',
  F21: 'flapping health check',
  F22: 'clock skew of an hour',
  F23: 'two operators at once',
  F24: 'stale plan applied late',
  F25: 'failback during lag or redrive',
  F26: 'retry storm, with retries elsewhere',
} as const;
export type FaultId = keyof typeof FAULTS;
export const FAULT_IDS = Object.keys(FAULTS) as readonly FaultId[];

/** What a message or an operation was part of when a fault met it. */
export const PHASES = [
  /** A client's request on its way to the API. */
  'request',
  'accept',
  'charge',
  'record',
  /** Publishing, and settling or closing the journal. */
  'finish',
  /** The API's answer on its way back. */
  'answer',
  'read',
  /** Reserving a refund in the journal. */
  'refund-accept',
  /** Giving it back at the bank. */
  'refund-settle',
  'queue',
  'sweep',
  'lease',
  /** Heartbeats, probes and alarms of the orchestrators. */
  'observe',
  /** Reading and appending the routing log, and what follows a move. */
  'route',
  /** An operator's verb. */
  'operate',
  /** Route 53's checkers at /health/traffic. */
  'health',
  'dns',
  /** Replication between eventually consistent replicas. */
  'replicate',
] as const;
export type Phase = (typeof PHASES)[number];

/** How far a failover was when a fault met something. */
export const STAGES = [
  /** Nothing is wrong with any Region, and traffic is where it began. */
  'steady',
  /** A Region is hurt, and no orchestrator has moved traffic. */
  'hurt',
  /** Traffic was moved, and what must follow is not done. */
  'moving',
  /** Traffic is elsewhere, a Region is still hurt. */
  'moved',
  /** Everything is healed, traffic is elsewhere or the backlog is not empty. */
  'healed',
  /** An operator or automation brought traffic back, and what must follow is not done. */
  'returning',
] as const;
export type Stage = (typeof STAGES)[number];
