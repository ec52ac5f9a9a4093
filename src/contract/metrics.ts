/** Metrics that the functions emit as CloudWatch embedded metric format (EMF). */

export const METRIC_NAMESPACE = 'PaymentProcessing';

export const METRICS = {
  ValidationSuccess: { unit: 'Count', meaning: 'A payment request passed validation' },
  ValidationError: { unit: 'Count', meaning: '/validate refused a payment request (4xx)' },
  HighValueTransaction: { unit: 'Count', meaning: 'An amount strictly above 10,000 major units' },
  PaymentProcessed: {
    unit: 'None',
    meaning: 'A payment was recorded, at most once for each; the value is its amount',
  },
  PaymentReplayed: { unit: 'Count', meaning: 'A repeat was answered from the journal' },
  ProcessingError: { unit: 'Count', meaning: 'A payment could not be carried to an answer (5xx)' },
  InvariantViolated: { unit: 'Count', meaning: 'An assertion failed in production: page someone' },
} as const satisfies Record<string, { unit: 'Count' | 'None'; meaning: string }>;

export type MetricName = keyof typeof METRICS;

/** Above this many major units, strictly, a payment counts as high value (the original's rule). */
export const HIGH_VALUE_ABOVE_MAJOR = 10_000n;
