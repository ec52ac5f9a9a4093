/** What CloudWatch would refuse of a metric-math expression, or the twin can't evaluate. */
export class MetricMathError extends Error {
  override readonly name = 'MetricMathError';
}
