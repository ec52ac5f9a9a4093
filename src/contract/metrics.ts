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
  PaymentAccepted: { unit: 'Count', meaning: 'A payment was accepted for later (202)' },
  PaymentDeclined: { unit: 'Count', meaning: 'The gateway declined a payment' },
  RefundProcessed: { unit: 'Count', meaning: 'A refund was settled: the money went back' },
  RefundDeclined: { unit: 'Count', meaning: 'The gateway declined a refund' },
  OpenPayments: { unit: 'Count', meaning: 'Payments with work left, new ones included' },
  OverduePayments: { unit: 'Count', meaning: 'Open payments that no sweeper has taken up in time' },
  OldestOpenPaymentAge: {
    unit: 'Seconds',
    meaning:
      'Since the oldest open or parked payment was accepted, or its refund while that is under way; 0: there is none',
  },
  ParkedPayments: { unit: 'Count', meaning: 'Payments given up until somebody redrives them' },
  SweptPayments: { unit: 'Count', meaning: 'Open payments that a sweeper carried to their end' },
  PaymentRequests: {
    unit: 'Count',
    highResolution: true,
    meaning: 'Requests to charge, accept or refund that were answered, bad ones included',
  },
  PaymentsTurnedAway: {
    unit: 'Count',
    meaning:
      "Such requests that are the other Region's, or a person's, to end; not among PaymentRequests",
  },
  PaymentFaults: {
    unit: 'Count',
    highResolution: true,
    meaning: 'Of these, the ones answered 5xx; 0 is reported too',
  },
  PaymentLatency: {
    unit: 'Milliseconds',
    highResolution: true,
    meaning: 'From the start of the function to the answer of such a request that was no 4xx',
  },
  FailoverTriggered: {
    unit: 'Count',
    meaning: 'Traffic was moved; dimension AlarmName says what led to it',
  },
  FailoverRounds: { unit: 'Count', meaning: 'The orchestrator looked at both Regions' },
  InvariantViolated: { unit: 'Count', meaning: 'An assertion failed in production: page someone' },
} as const satisfies Record<
  string,
  {
    unit: 'Count' | 'None' | 'Seconds' | 'Milliseconds';
    meaning: string;
    /** One-second resolution, so that alarms can look each 10 s. @default false: one minute */
    highResolution?: true;
  }
>;

export type MetricName = keyof typeof METRICS;

/** Above this many major units, strictly, a payment counts as high value (the original's rule). */
export const HIGH_VALUE_ABOVE_MAJOR = 10_000n;
